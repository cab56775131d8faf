import type { Bridge } from "../../../app/contract/bridge.ts";
import { changeConfig } from "../edit/change-config.ts";
import { usersOf, withDrained } from "../edit/config-edit.ts";
import { removeRows } from "../edit/remove-rows.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { showFailure, showToast } from "../view/toasts.ts";

/** Deletes a backend or a pool that nothing uses; names what uses it otherwise. */
export async function deleteTarget(
  bridge: Bridge,
  collection: "backends" | "pools",
  id: string,
): Promise<void> {
  const config = useMirror.getState().saved?.config;
  const users = config ? usersOf(config, id) : [];
  if (users.length > 0)
    return showToast({
      tone: "bad",
      text: `${id} is in use by ${users.join(", ")}.`,
      detail: "Give them another target first, or delete them.",
    });
  const said = `${collection === "backends" ? "Backend" : "Pool"} ${id} deleted.`;
  await removeRows({ bridge, collection, ids: [id], said });
}

/** Keeps new connections away from a backend, or lets them in again; open ones live on either way. */
export async function drainBackend(bridge: Bridge, id: string, drained: boolean): Promise<void> {
  const reply = await changeConfig(bridge, (config) => withDrained(config, id, drained));
  if (!reply.ok) return showFailure(reply.failure);
  showToast({
    tone: "ok",
    text: drained ? `${id} takes no new connections.` : `${id} takes new connections again.`,
    action: { label: "Undo", run: () => void drainBackend(bridge, id, !drained) },
  });
}
