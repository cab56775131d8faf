import type { Bridge } from "../../../app/contract/bridge.ts";
import type { Commands } from "../../../app/contract/commands.ts";
import { showScreen } from "../view/view-store.ts";
import { showFailure } from "../view/toasts.ts";

/** The id of the section, which is far down on a small screen. */
export const updatesSection = "updates";

export function showUpdates(): void {
  showScreen("settings");
  requestAnimationFrame(() => document.getElementById(updatesSection)?.scrollIntoView({ block: "center" }));
}

/** What came of it is in the mirror; only a command that was refused is told here. */
export async function askUpdates(
  bridge: Bridge,
  command: Exclude<Extract<keyof Commands, `update.${string}`>, "update.daily">,
): Promise<void> {
  const reply = await bridge.call(command, null);
  if (!reply.ok) showFailure(reply.failure);
}

export function checkForUpdates(bridge: Bridge): void {
  showUpdates();
  void askUpdates(bridge, "update.check");
}
