/** A route as the form holds it: every field a string or a flag, whatever the operator has typed so far. */
import type { ClientRole, EndpointKind, RouteConfig } from "../../../app/contract/config.ts";
import { restOf } from "../edit/rest-of.ts";

const editedKeys = [
  "id",
  "listen",
  "transport",
  "path",
  "host",
  "target",
  "clients",
  "sticky",
  "enforceRole",
  "preflight",
  "keepPrefix",
  "tlsPassthrough",
  "serverNames",
  "hosts",
  "origins",
  "enabled",
  "tags",
  "note",
] as const;

/** As a target stands for a backend that is made together with the route; no valid id has a colon. */
export const newBackendId = ":new";

export interface RouteDraft {
  readonly id: string;
  readonly kind: "port" | "path";
  readonly listen: string;
  readonly transport: EndpointKind;
  readonly path: string;
  readonly host: string;
  readonly target: string;
  readonly clients: ClientRole;
  readonly sticky: boolean;
  readonly enforceRole: boolean;
  readonly preflight: "answer" | "pass";
  readonly keepPrefix: boolean;
  readonly tlsPassthrough: boolean;
  /** One a line, of any case. */
  readonly serverNames: string;
  /** One a line. */
  readonly hosts: string;
  /** One a line. */
  readonly origins: string;
  readonly tags: readonly string[];
  readonly note: string;
  readonly enabled: boolean;
}

export const emptyRouteDraft: RouteDraft = {
  id: "",
  kind: "port",
  listen: "",
  transport: "amps",
  path: "",
  host: "",
  target: "",
  clients: "mixed",
  sticky: false,
  enforceRole: false,
  preflight: "answer",
  keepPrefix: false,
  tlsPassthrough: false,
  serverNames: "",
  hosts: "",
  origins: "",
  tags: [],
  note: "",
  enabled: true,
};

export function draftOfRoute(route: RouteConfig): RouteDraft {
  return {
    id: route.id,
    kind: route.transport ? "port" : "path",
    listen: route.listen,
    transport: route.transport ?? "amps",
    path: route.path ?? "",
    host: route.host ?? "",
    target: route.target,
    clients: route.clients ?? "mixed",
    sticky: route.sticky !== undefined,
    enforceRole: route.enforceRole ?? false,
    preflight: route.preflight ?? "answer",
    keepPrefix: route.keepPrefix ?? false,
    tlsPassthrough: route.tlsPassthrough ?? false,
    serverNames: (route.serverNames ?? []).join("\n"),
    hosts: (route.hosts ?? []).join("\n"),
    origins: (route.origins ?? []).join("\n"),
    tags: route.tags ?? [],
    note: route.note ?? "",
    enabled: route.enabled ?? true,
  };
}

/**
 * The route that a draft describes. What the form does not show (the listener's TLS) is kept from `before`;
 * what is at its default is left out.
 */
export function routeOfDraft(draft: RouteDraft, before: RouteConfig | null): RouteConfig {
  const path = draft.kind === "path";
  const host = draft.host.trim();
  const hosts = linesOf(draft.hosts);
  const origins = linesOf(draft.origins);
  const serverNames = linesOf(draft.serverNames.toLowerCase());
  const passesTls = !path && draft.tlsPassthrough;
  return {
    id: draft.id.trim(),
    listen: draft.listen.trim(),
    ...(!path && { transport: draft.transport }),
    // A path route without a host is one with a path, be it empty, so that the problem is shown there.
    ...(path && (draft.path.trim() !== "" || host === "") && { path: draft.path.trim() }),
    ...(path && host !== "" && { host }),
    target: draft.target,
    ...(draft.clients !== "mixed" && { clients: draft.clients }),
    ...(draft.sticky && { sticky: "client-name" as const }),
    ...(draft.enforceRole && draft.clients === "subscribers" && { enforceRole: true }),
    ...(draft.preflight !== "answer" && { preflight: draft.preflight }),
    ...(passesTls && { tlsPassthrough: true }),
    ...(passesTls && serverNames.length > 0 && { serverNames }),
    ...(path && draft.keepPrefix && { keepPrefix: true }),
    ...(hosts.length > 0 && { hosts }),
    ...(origins.length > 0 && { origins }),
    ...restOf(before, editedKeys),
    ...(!draft.enabled && { enabled: false }),
    ...(draft.tags.length > 0 && { tags: draft.tags }),
    ...(draft.note.trim() !== "" && { note: draft.note.trim() }),
  };
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);
}

/** Whether a listen address as typed is one that only this machine can reach. */
export function isLoopback(listen: string): boolean {
  const address = listen.trim();
  if (/^[\d-]*$/.test(address)) return true;
  const host = address
    .replace(/:[\d\s-]*$/, "")
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
  return (
    host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)
  );
}

/** The address with its host filled in, as the engine writes it. */
export function normalListen(listen: string): string {
  const address = listen.trim();
  return /^\d+(\s*-\s*\d+)?$/.test(address) ? `localhost:${address}` : address;
}
