import type { Bridge } from "../../../app/contract/bridge.ts";
import { showFailure, showToast } from "../view/toasts.ts";

/** Ends a route's conditions before their time. */
export async function endConditions(bridge: Bridge, id: string): Promise<void> {
  const reply = await bridge.call("route.conditions.clear", { id });
  if (reply.ok) showToast({ tone: "ok", text: `The conditions of ${id} have ended.` });
  else showFailure(reply.failure);
}
