import type { ActivityEntry } from "../../../app/contract/activity.ts";
import type { Bridge } from "../../../app/contract/bridge.ts";
import { saveFiles } from "../design/save-files.ts";
import { showToast } from "../view/toasts.ts";

/** Saves entries as JSON, one a line, oldest first: as `shunt serve --json` prints them. */
export async function saveActivity(bridge: Bridge, entries: readonly ActivityEntry[]): Promise<void> {
  const sorted = [...entries].sort((a, b) => a.sequence - b.sequence);
  const text = sorted.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  const said = await saveFiles(bridge, [{ name: "shunt-activity.jsonl", text }]);
  if (said !== null) showToast({ tone: "ok", text: said });
}
