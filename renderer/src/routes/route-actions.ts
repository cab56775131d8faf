import type { Bridge } from "../../../app/contract/bridge.ts";
import type { Reply } from "../../../app/contract/commands.ts";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { copyText } from "../design/copy-text.ts";
import { plural } from "../design/format.ts";
import { askWhenOpen } from "../edit/ask-when-open.ts";
import { removeRows } from "../edit/remove-rows.ts";
import { changeAndTell } from "../edit/tell-saved.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { showFailure, showToast } from "../view/toasts.ts";
import { useView } from "../view/view-store.ts";
import { portOf } from "./listen-port.ts";
import { isRunning } from "./route-condition.ts";

/** Starts routes: enables them, which binds their listeners. */
export async function startRoutes(bridge: Bridge, ids: readonly string[]): Promise<void> {
  report(await bridge.call("routes.enable", { ids, enabled: true }));
}

/** Stops routes; asks first what becomes of their live connections, if there are any. */
export function stopRoutes(bridge: Bridge, ids: readonly string[]): void {
  const stop = async (graceMs?: number): Promise<void> => {
    report(
      await bridge.call("routes.enable", { ids, enabled: false, ...(graceMs !== undefined && { graceMs }) }),
    );
  };
  const name = ids.length === 1 ? `route ${ids[0]}` : plural(ids.length, "route");
  askWhenOpen({ ids, title: `Stop ${name}?`, go: (graceMs) => void stop(graceMs) });
}

/** Starts what is stopped, stops what runs. */
export function toggleRoute(bridge: Bridge, id: string): void {
  const route = useMirror.getState().routes.find((other) => other.id === id);
  if (!route) return;
  if (isRunning(route.state)) stopRoutes(bridge, [id]);
  else void startRoutes(bridge, [id]);
}

/**
 * Deletes routes; asks about live connections first, and can be undone afterwards. `backends`: made along with them, they
 * go along where nothing else uses them.
 */
export function deleteRoutes(bridge: Bridge, ids: readonly string[], backends: readonly string[] = []): void {
  if (ids.length === 0) return;
  const name = ids.length === 1 ? `route ${ids[0]}` : plural(ids.length, "route");
  const remove = async (graceMs?: number): Promise<void> => {
    const said = `${name[0]?.toUpperCase()}${name.slice(1)} deleted.`;
    if (await removeRows({ bridge, collection: "routes", ids, backends, said, graceMs })) {
      const gone = new Set(ids);
      useView.setState(({ selection }) => ({
        selection: new Set([...selection].filter((id) => !gone.has(id))),
      }));
    }
  };
  askWhenOpen({ ids, title: `Delete ${name}?`, go: (graceMs) => void remove(graceMs) });
}

/** Opens a running route's listener afresh; asks first what becomes of its live connections, if there are any. */
export function restartRoute(bridge: Bridge, id: string): void {
  const restart = async (graceMs?: number): Promise<void> => {
    const reply = await bridge.call("route.restart", { id, ...(graceMs !== undefined && { graceMs }) });
    if (report(reply)) showToast({ tone: "ok", text: `Route ${id} was restarted.` });
  };
  const title = `Restart route ${id}?`;
  askWhenOpen({ ids: [id], title, listensAgain: true, go: (graceMs) => void restart(graceMs) });
}

/** Listens on another port until Shunt ends; nothing is saved. */
export async function listenForSession(bridge: Bridge, id: string, listen: string): Promise<void> {
  if (report(await bridge.call("route.listen-for-session", { id, port: portOf(listen) })))
    showToast({ tone: "ok", text: `Route ${id} listens on ${listen} for this session. Tell its clients.` });
}

/** Tries once more to bind a failed route's listener, or the configured port where another one stands in. */
export async function retryRoute(bridge: Bridge, id: string): Promise<void> {
  report(await bridge.call("route.retry", { id }));
}

/** Ends what a draining route still has open. */
export async function cutDraining(bridge: Bridge, id: string): Promise<void> {
  report(await bridge.call("routes.enable", { ids: [id], enabled: false, graceMs: 0 }));
}

/** Copies the link that opens the desktop app at a route. */
export function copyLink(bridge: Bridge, id: string): Promise<void> {
  return copyAndTell(bridge, `shunt://route/${id}`);
}

/** Copies `host:port`, where the route listens now. */
export function copyListen(bridge: Bridge, listen: string): Promise<void> {
  return copyAndTell(bridge, listen);
}

async function copyAndTell(bridge: Bridge, text: string): Promise<void> {
  if (await copyText(bridge, text)) showToast({ tone: "ok", text: `${text} copied.` });
  else showToast({ tone: "bad", text: "The clipboard cannot be reached here.", detail: text });
}

/** Keeps the system's notifications quiet about a route, or lets them speak of it again. */
export function muteRoute({ shell }: Bridge, id: string, muted: boolean): void {
  void shell?.setRouteMuted(id, muted);
}

/** Moves a route to another local address and saves that. */
export async function moveListener(bridge: Bridge, id: string, listen: string): Promise<void> {
  const edit = (config: ShuntConfig): ShuntConfig => ({
    ...config,
    routes: config.routes.map((route) => (route.id === id ? { ...route, listen } : route)),
  });
  await changeAndTell({
    bridge,
    edit,
    said: () => `Route ${id} now listens on ${listen}. Tell its clients.`,
  });
}

function report(reply: Reply<unknown>): boolean {
  if (!reply.ok) showFailure(reply.failure);
  return reply.ok;
}
