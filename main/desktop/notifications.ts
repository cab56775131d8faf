/** Shows outage notices through the system; where it cannot, the activity in the window still has them. */
import { Notification } from "electron";
import type { LiveEvent } from "../../app/contract/live.ts";
import type { ShellWish } from "../../app/contract/bridge.ts";
import type { NoticeSubject } from "./muted-routes.ts";
import { createOutageTracker } from "./outages.ts";

interface NotifyOptions {
  readonly onEvent: (listener: (event: LiveEvent) => void) => () => void;
  readonly isQuiet: (subject: NoticeSubject) => boolean;
  /** True while the operator looks at the window, which shows the same. */
  readonly isWatched: () => boolean;
  readonly wish: (wish: ShellWish) => void;
  readonly log: (message: string) => void;
}

const checkIntervalMs = 1_000;

/** Returns how to stop. */
export function startNotifications({ onEvent, isQuiet, isWatched, wish, log }: NotifyOptions): () => void {
  const outages = createOutageTracker(isQuiet);
  let timer: NodeJS.Timeout | null = null;
  const check = () => {
    timer = null;
    for (const notice of outages.due(performance.now()))
      if (!isWatched()) showNotification({ ...notice, onClick: () => wish(notice.wish), log });
    if (outages.hasPending()) timer = setTimeout(check, checkIntervalMs);
  };
  const stop = onEvent((event) => {
    if (event.type !== "activity") return;
    outages.observe(event.entries, performance.now());
    if (outages.hasPending()) timer ??= setTimeout(check, checkIntervalMs);
  });
  return () => {
    stop();
    if (timer !== null) clearTimeout(timer);
  };
}

interface NotificationText {
  readonly title: string;
  readonly body: string;
  readonly onClick: () => void;
  readonly log: (message: string) => void;
}

/** What is shown and not yet clicked or closed: a collected notification loses its click. */
const shown = new Set<Notification>();

export function showNotification({ title, body, onClick, log }: NotificationText): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body });
  shown.add(notification);
  notification.on("click", () => {
    shown.delete(notification);
    onClick();
  });
  notification.on("close", () => shown.delete(notification));
  notification.on("failed", (_event, error) => {
    shown.delete(notification);
    log(`a notification could not be shown: ${error}`);
  });
  notification.show();
}
