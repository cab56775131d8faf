import type { Bridge } from "../../../app/contract/bridge.ts";
import { showFailure, showToast } from "../view/toasts.ts";

/** Makes a member the active one of its pool. */
export async function promoteMember(bridge: Bridge, pool: string, member: string): Promise<void> {
  const reply = await bridge.call("pool.promote", { pool, member });
  if (!reply.ok) return showFailure(reply.failure);
  showToast({ tone: "ok", text: `${member} is the active member of ${pool} now.` });
}
