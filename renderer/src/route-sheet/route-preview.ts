/** Says what saving a route will do, before it is done. */
import type { RouteConfig } from "../../../app/contract/config.ts";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { plural } from "../design/format.ts";
import { draftOfRoute, normalListen, routeOfDraft } from "./route-draft.ts";

export interface RoutePreview {
  readonly text: string;
  /** True when saving ends the route, and so asks about its live connections. */
  readonly ends: boolean;
  readonly changed: boolean;
}

/** Compares the saved route (null: there is none yet) with the one about to be saved. */
export function previewRoute(
  before: RouteConfig | null,
  after: RouteConfig,
  status: RouteStatus | null,
): RoutePreview {
  const listen = normalListen(after.listen);
  if (!before) return { text: previewNew(after, listen), ends: false, changed: true };
  const was = normalListen(before.listen);
  const wasEnabled = before.enabled ?? true;
  const enabled = after.enabled ?? true;
  const open = status?.connections.open ?? 0;
  const many = plural(open, "open connection");
  // As the form would write it: what is at its default may be written out in the file.
  const now = routeOfDraft(draftOfRoute(before), before);
  if (sameRoute(now, after)) return { text: "Nothing changed.", ends: false, changed: false };
  if (!wasEnabled) {
    const text = enabled ? `Starts listening on ${listen}.` : "Saved; the route stays stopped.";
    return { text, ends: false, changed: true };
  }
  const andThen = open > 0 ? ` You are asked what becomes of ${many}.` : "";
  if (!enabled) return { text: `Stops listening on ${was}.${andThen}`, ends: true, changed: true };
  if (before.id !== after.id)
    return {
      text: `Route ${before.id} ends and ${after.id} starts in its place.${andThen}`,
      ends: true,
      changed: true,
    };
  if (was !== listen || Boolean(before.transport) !== Boolean(after.transport)) {
    const stays = open > 0 ? ` ${staying(open)}; clients that come back need the new address.` : "";
    const text =
      was !== listen ? `Listener moves: ${was} → ${listen}.${stays}` : "The listener is opened anew.";
    return { text, ends: false, changed: true };
  }
  if (sameRoute({ ...now, note: "" }, { ...after, note: "" }))
    return { text: "Only the note changes; no connection is touched.", ends: false, changed: true };
  const text =
    open > 0
      ? `${staying(open)} on the old settings; new ones get these.`
      : "New connections get these settings.";
  return { text, ends: false, changed: true };
}

/** `1 open connection stays`. */
function staying(open: number): string {
  return `${plural(open, "open connection")} ${open === 1 ? "stays" : "stay"}`;
}

/** Of a new route with a range of ports, and the routes that it makes. */
export function previewRange(typed: RouteConfig, routes: readonly RouteConfig[]): RoutePreview {
  const names = typed.id === "" ? "" : `: ${routes[0]?.id} … ${routes.at(-1)?.id}`;
  const listen =
    typed.enabled === false
      ? "Saved, and not listened on until you start them."
      : `They listen on ${normalListen(typed.listen)} for ${typed.transport} traffic.`;
  const to = typed.target ? `, ${typed.target}` : "";
  const text = `${plural(routes.length, "route")}${names}. ${listen} All lead to the same target${to}.`;
  return { text, ends: false, changed: true };
}

function previewNew(after: RouteConfig, listen: string): string {
  if (after.enabled === false) return "Saved, and not listened on until you start it.";
  if (!after.listen) return "Choose a local address to listen on.";
  const to = after.target ? ` and carries it to ${after.target}` : "";
  if (after.serverNames) {
    const them = after.target ? ` and carries them to ${after.target}` : "";
    return `Listens on ${listen} for TLS clients that ask for ${after.serverNames.join(" or ")}${them}.`;
  }
  if (after.transport) return `Listens on ${listen} for ${after.transport} traffic${to}.`;
  if (!after.host && !after.path) return "Choose the path that leads to it.";
  const where = `${after.host ?? listen}${after.path ?? ""}`;
  return `Takes requests for ${where} on the shared listener ${listen}${to}.`;
}

/** Whether two routes say the same, whatever the order of their keys. */
function sameRoute(a: RouteConfig, b: RouteConfig): boolean {
  return stable(a) === stable(b);
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
