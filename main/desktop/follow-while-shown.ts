/** What changes is told more often while the window can be seen: in the tray alone nobody reads four times a second. */
import type { BrowserWindow } from "electron";
import type { ShuntService } from "../../app/service/service.ts";

export type ShownWindow = Pick<BrowserWindow, "isVisible" | "isMinimized" | "isDestroyed" | "on">;

export function followWhileShown(window: ShownWindow, service: Pick<ShuntService, "follow">): void {
  let unfollow: (() => void) | null = null;
  const look = (): void => {
    const isShown = !window.isDestroyed() && window.isVisible() && !window.isMinimized();
    if (isShown) unfollow ??= service.follow();
    else {
      unfollow?.();
      unfollow = null;
    }
  };
  window.on("show", look);
  window.on("hide", look);
  window.on("minimize", look);
  window.on("restore", look);
  window.on("closed", look);
  look();
}
