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

/** Tries at once, also where no further attempt would be made. */
export async function retryTunnel(bridge: Bridge, id: string): Promise<void> {
  const reply = await bridge.call("tunnel.retry", { id });
  if (!reply.ok) showFailure(reply.failure);
}
