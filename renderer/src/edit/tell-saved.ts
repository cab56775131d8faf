import type { Bridge } from "../../../app/contract/bridge.ts";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { showFailure, showToast } from "../view/toasts.ts";
import { askWhenOpen } from "./ask-when-open.ts";
import { changeConfig } from "./change-config.ts";
import { changesBetween, endedRoutes, withoutChanges } from "./config-changes.ts";

/** One save, as it was made. */
export interface Saved {
  readonly before: ShuntConfig;
  readonly after: ShuntConfig;
}

/** Says what a save did, with the way back. */
export function tellSaved(bridge: Bridge, text: string, saved: Saved): void {
  const action = { label: "Undo", run: () => undo(bridge, saved) };
  showToast({ tone: "ok", text, ...(changesBetween(saved.before, saved.after).length > 0 && { action }) });
}

interface ChangeAndTell {
  readonly bridge: Bridge;
  readonly edit: (config: ShuntConfig) => ShuntConfig;
  /** What is said once it is saved: `Route orders-in deleted.` */
  readonly said: () => string;
  readonly graceMs?: number | undefined;
}

/** Saves a small edit and says what it did, with the way back; true when it was saved. */
export async function changeAndTell({ bridge, edit, said, graceMs }: ChangeAndTell): Promise<boolean> {
  let before: ShuntConfig | null = null;
  const reply = await changeConfig(bridge, (config) => edit((before = config)), graceMs);
  if (!reply.ok) showFailure(reply.failure);
  else if (before) tellSaved(bridge, said(), { before, after: reply.value.config });
  return reply.ok;
}

/** Takes a save back, but for what has been changed since; asks about connections that this would end. */
function undo(bridge: Bridge, { before, after }: Saved): void {
  const now = useMirror.getState().saved?.config ?? after;
  const undone = withoutChanges(now, before, after);
  if (changesBetween(now, undone).length === 0)
    return showToast({ tone: "bad", text: "Nothing was undone: it has been changed again since." });
  const go = async (graceMs?: number): Promise<void> => {
    const reply = await changeConfig(bridge, (config) => withoutChanges(config, before, after), graceMs);
    if (!reply.ok) showFailure(reply.failure);
  };
  askWhenOpen({ ids: endedRoutes(now, undone), title: "Undo?", go: (graceMs) => void go(graceMs) });
}
