import { useState } from "react";
import { useBridge } from "../bridge/bridge-context.ts";
import type { Failure } from "../../../app/contract/failures.ts";
import { Button } from "../design/Button.tsx";
import { CheckField, SelectField } from "../design/Field.tsx";
import { plural } from "../design/format.ts";
import { SheetFrame } from "../design/Sheet.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { showToast } from "../view/toasts.ts";
import { closeSheet } from "../view/view-store.ts";
import { endConditions } from "./condition-actions.ts";
import { ConditionsFields } from "./ConditionsFields.tsx";
import {
  conditionsOfDraft,
  type ConditionsDraft,
  draftOfConditions,
  hasProblem,
} from "./conditions-draft.ts";

const durations = [
  { id: "60000", label: "1 minute" },
  { id: "300000", label: "5 minutes" },
  { id: "900000", label: "15 minutes" },
  { id: "3600000", label: "1 hour" },
  { id: "28800000", label: "8 hours" },
] as const;

/** Puts one route under conditions for a while, or ends them. */
export function ConditionsSheet({ id }: { readonly id: string }) {
  const bridge = useBridge();
  const route = useMirror((mirror) => mirror.routes.find((one) => one.id === id));
  const active = route?.conditions ?? null;
  const open = route?.connections.open ?? 0;
  const [draft, setDraft] = useState<ConditionsDraft>(() => draftOfConditions(active?.conditions ?? null));
  const [forMs, setForMs] = useState<string>("900000");
  const [reconnect, setReconnect] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [tried, setTried] = useState(false);
  const submit = async (): Promise<void> => {
    setTried(true);
    const conditions = conditionsOfDraft(draft);
    if (!conditions || hasProblem(draft)) return;
    const reply = await bridge.call("route.conditions.set", {
      id,
      conditions,
      forMs: Number(forMs),
      ...(reconnect && { reconnect }),
    });
    if (!reply.ok) return setFailure(reply.failure);
    showToast({ tone: "ok", text: `${id} is under conditions: ${reply.value.says}.` });
    closeSheet();
  };
  const end = async (): Promise<void> => {
    await endConditions(bridge, id);
    closeSheet();
  };

  return (
    <SheetFrame
      title={`Conditions of ${id}`}
      onClose={closeSheet}
      onSubmit={() => void submit()}
      footer={
        <>
          <p className="sheet-preview">{active ? `Now: ${active.says}.` : "None now."}</p>
          <Button type="submit" look="primary">
            {active ? "Change" : "Set conditions"}
          </Button>
          {active && <Button onPress={() => void end()}>End now</Button>}
          <Button onPress={closeSheet}>Cancel</Button>
        </>
      }
    >
      <p className="soft">
        For development: how clients bear a bad network. Bytes are delayed or withheld, never altered or
        reordered. Conditions end by themselves, are not saved, and are refused on production.
      </p>
      {failure && (
        <div className="notice" data-tone="bad" role="alert">
          <strong>{failure.message}</strong> {failure.advice}
        </div>
      )}
      {tried && !conditionsOfDraft(draft) && (
        <div className="notice" data-tone="warn" role="alert">
          Nothing is set yet: give a latency, a bandwidth, a slice size or a fault.
        </div>
      )}
      <ConditionsFields draft={draft} onChange={setDraft} tried={tried} />
      <div className="field-grid">
        <SelectField
          name="forMs"
          label="Ends by itself after"
          value={forMs}
          onChange={setForMs}
          sections={[{ options: durations }]}
        />
      </div>
      {draft.fault !== "down" && (
        <CheckField isSelected={reconnect} onChange={setReconnect}>
          Cut {open === 0 ? "open connections" : `the ${plural(open, "open connection")}`} now, so that{" "}
          {open === 1 ? "its client comes" : "their clients come"} back under the conditions
        </CheckField>
      )}
    </SheetFrame>
  );
}
