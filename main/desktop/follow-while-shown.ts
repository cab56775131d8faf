/** What changes is told more often while the window can be seen: in the tray alone nobody reads four times a second. */
import type { BrowserWindow } from "electron";
import type { LiveEvent } from "../../app/contract/live.ts";
import type { Follower } from "../../app/service/followers.ts";
import type { ShuntService } from "../../app/service/service.ts";

export type ShownWindow = Pick<BrowserWindow, "isVisible" | "isMinimized" | "isDestroyed" | "on">;

/** The window as a follower, that it can be seen or not. */
export type WindowFollower = Pick<Follower, "listConnections" | "heard">;

export function followWhileShown(window: ShownWindow, service: Pick<ShuntService, "follow">): WindowFollower {
  let follower: Follower | null = null;
  let lists = false;
  const look = (): void => {
    const isShown = !window.isDestroyed() && window.isVisible() && !window.isMinimized();
    if (isShown && follower === null) {
      follower = service.follow();
      void follower.listConnections(lists);
    } else if (!isShown) {
      follower?.stop();
      follower = null;
    }
  };
  window.on("show", look);
  window.on("hide", look);
  window.on("minimize", look);
  window.on("restore", look);
  window.on("closed", look);
  look();
  return {
    // A page that cannot be seen fetches everything once it can.
    async listConnections(isListed) {
      lists = isListed;
      await follower?.listConnections(isListed);
    },
    heard: (event: LiveEvent) => follower?.heard(event) ?? event,
  };
}
