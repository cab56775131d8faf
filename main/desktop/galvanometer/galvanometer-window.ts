/** One window on a backend's Galvanometer: its page under its real address, kept to it, with a state bar of Shunt's. */
import { BrowserWindow, dialog, Menu, shell, type Session } from "electron";
import type { GalvanometerTls, OpenedGalvanometer } from "../../../app/galvanometer/galvanometers.ts";
import { governElsewhere } from "../hardening.ts";
import { windowPreferences } from "../window-preferences.ts";
import { galvanometerMenu } from "./galvanometer-menu.ts";
import { isShuntPage, problemUrl } from "./shunt-page.ts";
import { barStyle, windowTitle, type WindowState } from "./window-state.ts";

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
  const window = new BrowserWindow({
    width: 1280,
    height: 860,
    title: windowTitle(opened.backend, ""),
    webPreferences: { ...windowPreferences(needs.isPackaged), session },
  });
  const { webContents } = window;
  governElsewhere(webContents);
  webContents.setWebRTCIPHandlingPolicy("disable_non_proxied_udp");
  const bar = keepBar(window, needs.state);
  const failed = watchFailures(window, opened, needs);
  keepToAddress(window, opened, needs);
  window.on("page-title-updated", (event, title) => {
    event.preventDefault();
    window.setTitle(windowTitle(opened.backend, isShuntPage(webContents.getURL()) ? "" : title));
  });
  webContents.on("will-prevent-unload", (event) => event.preventDefault());
  webContents.on("render-process-gone", (_event, { reason }) => {
    needs.log(`the Galvanometer page of ${opened.backend.id} ended: ${reason}`);
    if (reason !== "clean-exit" && !window.isDestroyed()) webContents.reload();
  });
  const home = () => void webContents.loadURL(opened.address).catch(() => undefined);
  const setMenu = () => {
    const menu = galvanometerMenu({
      readOnly: opened.readOnly,
      isUnlocked: needs.isUnlocked(),
      home,
      reload: () => (isShuntPage(webContents.getURL()) ? home() : webContents.reload()),
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
    bar.draw();
    if (wasUnlocked !== needs.isUnlocked()) setMenu();
    wasUnlocked = needs.isUnlocked();
    if (failed.isOver(needs.state().down)) home();
  };
  window.on("focus", setMenu);
  update();
  home();
  return {
    window,
    update,
    reload: home,
    show() {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
  };
}

function keepBar(window: BrowserWindow, state: () => WindowState): { draw(): void } {
  const { webContents } = window;
  let drawn = "";
  let key: Promise<string | null> = Promise.resolve(null);
  const draw = () => {
    const style = barStyle(state());
    if (style === drawn || window.isDestroyed()) return;
    drawn = style;
    key = key.then(async (old) => {
      try {
        const fresh = await webContents.insertCSS(style, { cssOrigin: "user" });
        if (old !== null) await webContents.removeInsertedCSS(old);
        return fresh;
      } catch {
        // The page went away meanwhile; the next one is drawn upon.
        return null;
      }
    });
  };
  webContents.on("dom-ready", () => {
    // A new document has none of it.
    drawn = "";
    key = Promise.resolve(null);
    draw();
  });
  return { draw };
}

/** A page that could not be had says why, and is loaded again when its backend is back. */
function watchFailures(
  window: BrowserWindow,
  { backend, address }: OpenedGalvanometer,
  { stopped }: WindowNeeds,
): { isOver(down: boolean): boolean } {
  const { webContents } = window;
  let failed = false;
  let seenDown = false;
  let failedAtMs = 0;
  const fail = (isTemporary: boolean) => {
    failed = isTemporary;
    seenDown = false;
    failedAtMs = performance.now();
  };
  webContents.on("did-navigate", (_event, url, httpResponseCode) => {
    if (!isShuntPage(url)) fail(httpResponseCode === 502 || httpResponseCode === 504);
  });
  webContents.on("did-fail-load", (_event, code, description, url, isMainFrame) => {
    if (!isMainFrame || code === aborted || isShuntPage(url)) return;
    // A certificate or a refusal does not mend itself when the connection returns.
    fail(code <= -100 && code > -200);
    const reason =
      stopped.get(url) ?? stopped.get(hostOf(url)) ?? `${backend.id} could not be reached (${description}).`;
    const retry = failed ? address : url;
    void webContents
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
function keepToAddress(window: BrowserWindow, { address }: OpenedGalvanometer, needs: WindowNeeds): void {
  const { webContents } = window;
  const { origin } = new URL(address);
  const isHome = (url: string) => isShuntPage(url) || url === "about:blank" || originOf(url) === origin;
  const leave = (event: { url: string; isMainFrame?: boolean; preventDefault(): void }) => {
    if (isHome(event.url)) return;
    event.preventDefault();
    if (event.isMainFrame !== false) void openElsewhere(window, event.url, needs);
  };
  webContents.on("will-navigate", leave);
  webContents.on("will-redirect", leave);
  webContents.on("will-frame-navigate", (event) => {
    if (!event.isMainFrame) leave(event);
  });
  webContents.setWindowOpenHandler(({ url }) => {
    if (isHome(url)) setImmediate(() => void webContents.loadURL(url).catch(() => undefined));
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
