import type { Bridge } from "../../../app/contract/bridge.ts";
import type { RefusedTarget } from "../../../app/contract/galvanometer.ts";
import { changeConfig } from "../edit/change-config.ts";
import { showFailure, showToast } from "../view/toasts.ts";

/** Lets the open Galvanometer of a backend reach an address that nothing names. */
export async function allowTarget(bridge: Bridge, backend: string, target: RefusedTarget): Promise<void> {
  const reply = await bridge.call("galvanometer.allow", { backend, target });
  if (!reply.ok) return showFailure(reply.failure);
  showToast({
    tone: "ok",
    text: `The Galvanometer of ${backend} may reach ${target.address} until it is closed.`,
    detail: "It goes through the same tunnel, and is only read.",
  });
}

/** Makes an address the websocket endpoint of a backend that has none. */
export async function setWebsocket(bridge: Bridge, backend: string, address: string): Promise<void> {
  const reply = await changeConfig(bridge, (config) => ({
    ...config,
    backends: config.backends.map((one) =>
      one.id === backend && one.websocket === undefined ? { ...one, websocket: `ws://${address}` } : one,
    ),
  }));
  if (!reply.ok) return showFailure(reply.failure);
  showToast({ tone: "ok", text: `ws://${address} is the websocket endpoint of ${backend} now.` });
}
