/** Says once that closing the window does not end Shunt. */
import { showNotification } from "./notifications.ts";
import type { DesktopSettings, Remembered } from "./small-stores.ts";

interface CloseHintOptions {
  readonly settings: Remembered<DesktopSettings>;
  readonly show: () => void;
  readonly log: (message: string) => void;
}

export function hintCloseOnce({ settings, show, log }: CloseHintOptions): void {
  // On macOS every program stays when its window closes.
  if (settings.get().closeHintShown || process.platform === "darwin") return;
  settings.set({ ...settings.get(), closeHintShown: true });
  const body = "Its routes stay up. Open it again, or quit it, from the tray.";
  showNotification({ title: "Shunt keeps running", body, onClick: show, log });
}
