import type { EndpointKind, ShuntConfig } from "../../../app/contract/config.ts";
import type { BackendDraft } from "../backends/backend-draft.ts";
import { CheckField, Segments, SelectField, TextField } from "../design/Field.tsx";
import { fieldOf } from "../edit/draft-form.ts";
import type { Touched } from "../edit/use-touched.ts";
import { TagsField } from "../tags/TagsField.tsx";
import { ClientFields } from "./ClientFields.tsx";
import { ListenField } from "./ListenField.tsx";
import { PassthroughFields } from "./PassthroughFields.tsx";
import { PathFields } from "./PathFields.tsx";
import { newBackendId, type RouteDraft } from "./route-draft.ts";
import { TargetField } from "./TargetField.tsx";
import type { ListenHint } from "./use-listen-hint.ts";

const transports: readonly { readonly id: EndpointKind; readonly label: string; readonly detail: string }[] =
  [
    { id: "amps", label: "AMPS clients", detail: "amps endpoint, TCP" },
    { id: "websocket", label: "WebSocket", detail: "websocket endpoint" },
    { id: "admin", label: "Admin", detail: "statistics, Galvanometer" },
    { id: "replication", label: "Replication", detail: "replication endpoint" },
  ];

interface RouteFieldsProps {
  readonly draft: RouteDraft;
  readonly onChange: (draft: RouteDraft) => void;
  readonly backend: BackendDraft;
  readonly onBackendChange: (draft: BackendDraft) => void;
  readonly config: ShuntConfig;
  readonly touched: Touched;
  readonly listenHint: ListenHint | null;
  readonly isNew: boolean;
}

/** The fields of a route. */
export function RouteFields(props: RouteFieldsProps) {
  const { draft, onChange, backend, onBackendChange, config, touched, listenHint, isNew } = props;
  const { errorOf, touch } = touched;
  const set = <Name extends keyof RouteDraft>(name: Name, value: RouteDraft[Name]): void => {
    touch(name);
    onChange({ ...draft, [name]: value });
  };
  const form = { draft, set, errorOf };
  const toPool = config.pools.some((pool) => pool.id === draft.target);
  return (
    <>
      <div className="field">
        <span className="field-label" aria-hidden>
          Kind
        </span>
        <Segments
          label="Kind of route"
          value={draft.kind}
          onChange={(kind) => set("kind", kind)}
          options={[
            { id: "port", label: "Port: one port, raw bytes" },
            { id: "path", label: "Path: shared HTTP port" },
          ]}
        />
      </div>
      <TextField
        {...fieldOf(form, "id")}
        label="Name"
        placeholder="orders-in"
        mono
        hint="Lower-case letters, digits and hyphens."
      />
      <ListenField
        value={draft.listen}
        onChange={(value) => set("listen", value)}
        error={errorOf("listen")}
        hint={listenHint}
        takesRange={isNew && draft.kind === "port"}
      />
      {draft.kind === "port" ? (
        <SelectField {...fieldOf(form, "transport")} label="Transport" sections={[{ options: transports }]} />
      ) : (
        <PathFields {...form} />
      )}
      <TargetField
        draft={draft}
        onTarget={(target) => set("target", target)}
        backend={backend}
        onBackendChange={onBackendChange}
        config={config}
        touched={touched}
      />
      {draft.kind === "port" && (draft.tlsPassthrough || speaksTls(draft, backend, config)) && (
        <PassthroughFields {...form} />
      )}
      {(toPool || draft.sticky) && <ClientFields {...form} />}
      <TagsField
        name="tags"
        label="Tags"
        tags={draft.tags}
        onChange={(value) => set("tags", value)}
        error={errorOf("tags")}
      />
      <TextField {...fieldOf(form, "note")} label="Note" lines={2} />
      <CheckField isSelected={draft.enabled} onChange={(on) => set("enabled", on)}>
        <span>
          Enabled <span className="soft">(listens as soon as it is saved)</span>
        </span>
      </CheckField>
    </>
  );
}

/** Whether the endpoint that a port route leads to speaks TLS, on any member. */
function speaksTls(draft: RouteDraft, backend: BackendDraft, config: ShuntConfig): boolean {
  const pool = config.pools.find(({ id }) => id === draft.target);
  const ids = pool ? pool.members : [draft.target];
  const urls =
    draft.target === newBackendId
      ? [backend[draft.transport]]
      : config.backends.filter(({ id }) => ids.includes(id)).map((row) => row[draft.transport] ?? "");
  return urls.some((url) => /^(tcps|wss|https):/.test(url));
}
