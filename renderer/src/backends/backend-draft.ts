/** A backend as the form holds it. */
import type { BackendConfig, BackendTls, EndpointKind } from "../../../app/contract/config.ts";
import { restOf } from "../edit/rest-of.ts";

const editedKeys = [
  "id",
  "label",
  "environment",
  "via",
  "amps",
  "websocket",
  "admin",
  "replication",
  "adminAccess",
  "tls",
  "instanceName",
  "drained",
  "tags",
  "note",
] as const;

export const endpointKinds: readonly EndpointKind[] = ["amps", "websocket", "admin", "replication"];

export interface BackendDraft {
  readonly id: string;
  readonly label: string;
  readonly environment: string;
  /** The tunnel's id; empty: none. */
  readonly via: string;
  readonly amps: string;
  readonly websocket: string;
  readonly admin: string;
  readonly replication: string;
  /** `default` leaves it to the environment. */
  readonly adminAccess: "default" | "full" | "read-only";
  readonly caFile: string;
  readonly serverName: string;
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
  readonly verify: boolean;
  readonly instanceName: string;
  readonly drained: boolean;
  readonly tags: readonly string[];
  readonly note: string;
}

export function draftOfBackend(backend: BackendConfig | null): BackendDraft {
  return {
    id: backend?.id ?? "",
    label: backend?.label ?? "",
    environment: backend?.environment ?? "",
    via: backend?.via ?? "",
    amps: backend?.amps ?? "",
    websocket: backend?.websocket ?? "",
    admin: backend?.admin ?? "",
    replication: backend?.replication ?? "",
    adminAccess: backend?.adminAccess ?? "default",
    caFile: backend?.tls?.caFile ?? "",
    serverName: backend?.tls?.serverName ?? "",
    clientCertFile: backend?.tls?.clientCertFile ?? "",
    clientKeyFile: backend?.tls?.clientKeyFile ?? "",
    verify: backend?.tls?.verify ?? true,
    instanceName: backend?.instanceName ?? "",
    drained: backend?.drained ?? false,
    tags: backend?.tags ?? [],
    note: backend?.note ?? "",
  };
}

/** The backend that a draft describes; what the form does not show is kept, what is empty is left out. */
export function backendOfDraft(draft: BackendDraft, before: BackendConfig | null): BackendConfig {
  const tls = tlsOf(draft, before?.tls ?? null);
  return {
    id: draft.id.trim(),
    ...text("label", draft.label),
    ...text("environment", draft.environment),
    ...text("via", draft.via),
    ...restOf(before, editedKeys),
    ...text("amps", draft.amps),
    ...text("websocket", draft.websocket),
    ...text("admin", draft.admin),
    ...text("replication", draft.replication),
    ...(draft.adminAccess !== "default" && { adminAccess: draft.adminAccess }),
    ...(tls && { tls }),
    ...text("instanceName", draft.instanceName),
    ...(draft.drained && { drained: true }),
    ...(draft.tags.length > 0 && { tags: draft.tags }),
    ...text("note", draft.note),
  };
}

const editedTlsKeys = ["caFile", "serverName", "clientCertFile", "clientKeyFile", "verify"] as const;

function tlsOf(draft: BackendDraft, before: BackendTls | null): BackendTls | null {
  const tls: BackendTls = {
    ...restOf(before, editedTlsKeys),
    ...text("caFile", draft.caFile),
    ...text("serverName", draft.serverName),
    ...text("clientCertFile", draft.clientCertFile),
    ...text("clientKeyFile", draft.clientKeyFile),
    ...(!draft.verify && { verify: false }),
  };
  return Object.keys(tls).length > 0 ? tls : null;
}

function text<Key extends string>(key: Key, value: string): { readonly [K in Key]?: string } {
  const trimmed = value.trim();
  return (trimmed === "" ? {} : { [key]: trimmed }) as { readonly [K in Key]?: string };
}

/** Whether any endpoint speaks TLS, so that its settings matter. */
export function usesTls(draft: BackendDraft): boolean {
  return endpointKinds.some((kind) => /^(tcps|wss|https):/.test(draft[kind]));
}
