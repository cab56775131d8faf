import type { Bridge } from "../../../app/contract/bridge.ts";
import { usersOfTunnel } from "../edit/config-edit.ts";
import { removeRows } from "../edit/remove-rows.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { showFailure, showToast } from "../view/toasts.ts";

/** Deletes a tunnel that no backend uses; names the backends otherwise. */
export async function deleteTunnel(bridge: Bridge, id: string): Promise<void> {
  const config = useMirror.getState().saved?.config;
  const users = config ? usersOfTunnel(config, id) : [];
  if (users.length > 0)
    return showToast({
      tone: "bad",
      text: `${id} is in use by ${users.join(", ")}.`,
      detail: "Let them be reached in another way first.",
    });
  await removeRows({ bridge, collection: "tunnels", ids: [id], said: `Tunnel ${id} deleted.` });
}

/** Gives up the present attempt and those to come; `Try now` begins anew. */
export async function stopTunnel(bridge: Bridge, id: string): Promise<void> {
  const reply = await bridge.call("tunnel.stop", { id });
  if (!reply.ok) showFailure(reply.failure);
}

/** Brings the window forward in which Shunt asks; what is typed there never comes here. */
export async function answerTunnel(bridge: Bridge, id: string): Promise<void> {
  const reply = await bridge.call("tunnel.answer", { id });
  if (!reply.ok) showFailure(reply.failure);
}

export async function forgetSecrets(bridge: Bridge, tunnel: string): Promise<void> {
  const reply = await bridge.call("secrets.forget", { tunnel });
  if (!reply.ok) return showFailure(reply.failure);
  showToast({
    tone: "ok",
    text: `The secrets of ${tunnel} are forgotten.`,
    detail: "Its next log-on asks for them.",
  });
}

/** Tries at once, also where no further attempt would be made. */
export async function retryTunnel(bridge: Bridge, id: string): Promise<void> {
  const reply = await bridge.call("tunnel.retry", { id });
  if (!reply.ok) showFailure(reply.failure);
}
