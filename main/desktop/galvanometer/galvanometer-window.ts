/** One window on a backend's Galvanometer: its page under its real address, kept to it, above a state bar of Shunt's. */
import { dialog, Menu, shell, type BrowserWindow, type Session, type WebContents } from "electron";
import type { GalvanometerTls, OpenedGalvanometer } from "../../../app/galvanometer/galvanometers.ts";
import { galvanometerMenu } from "./galvanometer-menu.ts";
import { isShuntPage, problemUrl } from "./shunt-page.ts";
import { openWindowParts } from "./window-parts.ts";
import { windowTitle, type WindowState } from "./window-state.ts";

export interface WindowNeeds {
  readonly isPackaged: boolean;
  readonly state: () => WindowState;
  /** A link leads elsewhere: another instance's Galvanometer, or outside. True where a window of ours takes it. */
  readonly openBackendAt: (url: string) => Promise<boolean>;
  /** Asks the engine to unlock or lock administrative actions. */
  readonly unlock: (durationMs: number) => Promise<void>;
  readonly isUnlocked: () => boolean;
  /** Who speaks TLS to the instance; null where it speaks none. */
  readonly tls: GalvanometerTls | null;
  /** Opens the window anew with the other one. */
  readonly chooseTls: (tls: GalvanometerTls) => void;
  /** Why the window's last navigation was stopped, where the fence stopped it. */
  readonly stopped: ReadonlyMap<string, string>;
  readonly log: (message: string) => void;
}

export interface GalvanometerWindow {
  readonly window: BrowserWindow;
  /** The instance's page. */
  readonly page: WebContents;
  show(): void;
  /** Draws title and bar anew; loads a page that failed once its backend is back. */
  update(): void;
  /** Another session's credential is in force: loads the page anew. */
  reload(): void;
}

const unlockMs = 10 * 60_000;
const aborted = -3;
/** A page that failed although its backend counts as up is tried again after this long. */
const retryAfterMs = 5_000;

export function openGalvanometerWindow(
  opened: OpenedGalvanometer,
  session: Session,
  needs: WindowNeeds,
): GalvanometerWindow {
  const parts = openWindowParts(session, windowTitle(opened.backend, ""), needs.isPackaged);
  const { window, page } = parts;
  page.setWebRTCIPHandlingPolicy("disable_non_proxied_udp");
  const failed = watchFailures(page, opened, needs);
  keepToAddress(parts, opened, needs);
  page.on("page-title-updated", (_event, title) =>
    window.setTitle(windowTitle(opened.backend, isShuntPage(page.getURL()) ? "" : title)),
  );
  page.on("will-prevent-unload", (event) => event.preventDefault());
  page.on("render-process-gone", (_event, { reason }) => {
    needs.log(`the Galvanometer page of ${opened.backend.id} ended: ${reason}`);
    if (reason !== "clean-exit" && !window.isDestroyed()) page.reload();
  });
  const home = () => void page.loadURL(opened.address).catch(() => undefined);
  const setMenu = () => {
    const menu = galvanometerMenu({
      readOnly: opened.readOnly,
      isUnlocked: needs.isUnlocked(),
      home,
      reload: () => (isShuntPage(page.getURL()) ? home() : page.reload()),
      unlock: () => void confirmUnlock(window, opened, needs).then(update),
      lock: () => void needs.unlock(0).then(update),
      tls: needs.tls,
      chooseTls: needs.chooseTls,
      close: () => window.close(),
    });
    if (process.platform === "darwin") {
      if (window.isFocused()) Menu.setApplicationMenu(menu);
    } else window.setMenu(menu);
  };
  let wasUnlocked: boolean | null = null;
  const update = () => {
    if (window.isDestroyed()) return;
    if (wasUnlocked !== needs.isUnlocked()) setMenu();
    wasUnlocked = needs.isUnlocked();
    parts.draw(needs.state());
    if (failed.isOver(needs.state().down)) home();
  };
  window.on("focus", setMenu);
  update();
  home();
  return {
    window,
    page,
    update,
    reload: home,
    show() {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
  };
}

/** A page that could not be had says why, and is loaded again when its backend is back. */
function watchFailures(
  page: WebContents,
  { backend, address }: OpenedGalvanometer,
  { stopped }: WindowNeeds,
): { isOver(down: boolean): boolean } {
  let failed = false;
  let seenDown = false;
  let failedAtMs = 0;
  const fail = (isTemporary: boolean) => {
    failed = isTemporary;
    seenDown = false;
    failedAtMs = performance.now();
  };
  page.on("did-navigate", (_event, url, httpResponseCode) => {
    if (!isShuntPage(url)) fail(httpResponseCode === 502 || httpResponseCode === 504);
  });
  page.on("did-fail-load", (_event, code, description, url, isMainFrame) => {
    if (!isMainFrame || code === aborted || isShuntPage(url)) return;
    // A certificate or a refusal does not mend itself when the connection returns.
    fail(code <= -100 && code > -200);
    const reason =
      stopped.get(url) ?? stopped.get(hostOf(url)) ?? `${backend.id} could not be reached (${description}).`;
    const retry = failed ? address : url;
    void page
      .loadURL(problemUrl({ title: "This page could not be opened", reason, retry }))
      .catch(() => undefined);
  });
  return {
    isOver(down) {
      if (!failed) return false;
      seenDown ||= down;
      // What is known of the backend may be older than the failure.
      const isOver = !down && (seenDown || performance.now() - failedAtMs > retryAfterMs);
      if (isOver) failed = false;
      return isOver;
    },
  };
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return "";
  }
}

/** Navigation stays on the instance; what leads to another one opens that one's window, the rest asks and goes outside. */
function keepToAddress(
  { window, page }: Pick<GalvanometerWindow, "window" | "page">,
  { address }: OpenedGalvanometer,
  needs: WindowNeeds,
): void {
  const { origin } = new URL(address);
  const isHome = (url: string) => isShuntPage(url) || url === "about:blank" || originOf(url) === origin;
  const leave = (event: { url: string; isMainFrame?: boolean; preventDefault(): void }) => {
    if (isHome(event.url)) return;
    event.preventDefault();
    if (event.isMainFrame !== false) void openElsewhere(window, event.url, needs);
  };
  page.on("will-navigate", leave);
  page.on("will-redirect", leave);
  page.on("will-frame-navigate", (event) => {
    if (!event.isMainFrame) leave(event);
  });
  page.setWindowOpenHandler(({ url }) => {
    if (isHome(url)) setImmediate(() => void page.loadURL(url).catch(() => undefined));
    else setImmediate(() => void openElsewhere(window, url, needs));
    return { action: "deny" };
  });
}

function originOf(url: string): string | null {
  try {
    return new URL(url).origin;
  } catch {
    return null;
  }
}

const asking = new WeakSet<BrowserWindow>();

async function openElsewhere(window: BrowserWindow, url: string, needs: WindowNeeds): Promise<void> {
  if (!/^https?:\/\//.test(url) || asking.has(window)) return;
  if (await needs.openBackendAt(url)) return;
  asking.add(window);
  const { response } = await dialog.showMessageBox(window, {
    type: "question",
    title: "Open outside",
    message: "Open this link in your browser?",
    detail: url.slice(0, 500),
    buttons: ["Open", "Cancel"],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  asking.delete(window);
  if (response === 0) await shell.openExternal(url);
}

async function confirmUnlock(
  window: BrowserWindow,
  { backend }: OpenedGalvanometer,
  needs: WindowNeeds,
): Promise<void> {
  const minutes = unlockMs / 60_000;
  const { response } = await dialog.showMessageBox(window, {
    type: "warning",
    title: "Allow administrative actions",
    message: `Allow administrative actions on ${backend.label ?? backend.id} for ${minutes} minutes?`,
    detail:
      "They take effect at once: disabling a transport drops its clients, a downgrade lets acknowledged messages be lost. It is written into the activity.",
    buttons: [`Allow for ${minutes} minutes`, "Cancel"],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  if (response === 0) await needs.unlock(unlockMs);
}
