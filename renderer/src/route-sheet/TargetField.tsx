import type { ShuntConfig } from "../../../app/contract/config.ts";
import { type BackendDraft, endpointKinds } from "../backends/backend-draft.ts";
import { EndpointFields } from "../backends/EndpointFields.tsx";
import { SelectField, TextField } from "../design/Field.tsx";
import type { Touched } from "../edit/use-touched.ts";
import { newBackendId, type RouteDraft } from "./route-draft.ts";
import { backendPrefix } from "./route-problems.ts";

interface TargetFieldProps {
  readonly draft: RouteDraft;
  readonly onTarget: (target: string) => void;
  readonly backend: BackendDraft;
  readonly onBackendChange: (draft: BackendDraft) => void;
  readonly config: ShuntConfig;
  readonly touched: Touched;
}

/** The backend or pool that a route leads to, or the fields of a new backend. */
export function TargetField({
  draft,
  onTarget,
  backend,
  onBackendChange,
  config,
  touched,
}: TargetFieldProps) {
  const { errorOf, touch } = touched;
  return (
    <>
      <SelectField
        name="target"
        label="Target"
        placeholder="Choose a backend or a pool…"
        value={draft.target || null}
        onChange={onTarget}
        error={errorOf("target")}
        sections={[
          {
            title: "Backends",
            options: config.backends.map((row) => ({
              id: row.id,
              label: row.id,
              detail: row.label ?? endpointKinds.filter((kind) => row[kind]).join(", "),
            })),
          },
          {
            title: "Pools",
            options: config.pools.map((row) => ({
              id: row.id,
              label: row.id,
              detail: row.members.join(", "),
            })),
          },
          { options: [{ id: newBackendId, label: "New backend…" }] },
        ]}
      />
      {draft.target === newBackendId && (
        <fieldset className="inset">
          <legend>New backend</legend>
          <TextField
            name={`${backendPrefix}id`}
            label="Backend name"
            placeholder="prod-1"
            mono
            value={backend.id}
            onChange={(id) => {
              touch(`${backendPrefix}id`);
              onBackendChange({ ...backend, id });
            }}
            error={errorOf(`${backendPrefix}id`)}
          />
          <EndpointFields
            draft={backend}
            onChange={onBackendChange}
            errorOf={errorOf}
            onTouch={touch}
            prefix={backendPrefix}
          />
        </fieldset>
      )}
    </>
  );
}
