/** What a route is put under: figures as typed, a direction and a fault. */
import { SelectField, TextField } from "../design/Field.tsx";
import { type ConditionsDraft, type FaultKind, type NumberField, problemOf } from "./conditions-draft.ts";

const directions = [
  { id: "both", label: "Both ways" },
  { id: "to-client", label: "To the client" },
  { id: "to-backend", label: "To the backend" },
] as const;

const faults: readonly { readonly id: FaultKind; readonly label: string; readonly detail: string }[] = [
  { id: "none", label: "None", detail: "connections live" },
  { id: "limit", label: "Limit", detail: "closed after so many bytes one way" },
  { id: "reset", label: "Reset", detail: "broken off after a while (reset_peer)" },
  { id: "half-open", label: "Half-open", detail: "the server goes and the client is not told" },
  { id: "blackhole", label: "Blackhole", detail: "nothing passes (timeout)" },
  { id: "down", label: "Down", detail: "clients are refused, open ones cut" },
];

const figureLabels: Readonly<Record<FaultKind, string | null>> = {
  none: null,
  limit: "After bytes",
  reset: "After (ms)",
  "half-open": "After (ms)",
  blackhole: "Reset after (ms, 0: never)",
  down: null,
};

interface ConditionsFieldsProps {
  readonly draft: ConditionsDraft;
  readonly onChange: (draft: ConditionsDraft) => void;
  /** The operator has tried to set them: what is missing is said, too. */
  readonly tried: boolean;
}

export function ConditionsFields({ draft, onChange, tried }: ConditionsFieldsProps) {
  const set = <K extends keyof ConditionsDraft>(key: K, value: ConditionsDraft[K]): void =>
    onChange({ ...draft, [key]: value });
  const field = (name: NumberField) => ({
    name,
    value: draft[name],
    onChange: (value: string) => set(name, value),
    error: tried || draft[name] !== "" ? problemOf(draft, name) : undefined,
    mono: true,
  });
  const figureLabel = figureLabels[draft.fault];
  return (
    <div className="field-grid">
      <TextField {...field("latencyMs")} label="Latency (ms)" placeholder="0" />
      <TextField {...field("jitterMs")} label="Jitter (± ms)" placeholder="0" />
      <TextField {...field("bandwidthKBps")} label="Bandwidth (KB/s)" placeholder="unlimited" />
      <SelectField
        name="direction"
        label="Direction"
        value={draft.direction}
        onChange={(value) => set("direction", value as ConditionsDraft["direction"])}
        sections={[{ options: directions }]}
      />
      <TextField {...field("sliceBytes")} label="Slicer: pieces of (bytes)" placeholder="whole" />
      <TextField {...field("sliceDelayMs")} label="Slicer: pause (ms)" placeholder="0" />
      <SelectField
        name="fault"
        label="Fault"
        value={draft.fault}
        onChange={(value) => set("fault", value as FaultKind)}
        sections={[{ options: faults }]}
      />
      {figureLabel !== null && <TextField {...field("faultFigure")} label={figureLabel} placeholder="0" />}
    </div>
  );
}
