/** The one window: opened where it was left, hidden or closed as decided elsewhere, told of wishes once it listens. */
import { BrowserWindow, nativeTheme, screen } from "electron";
import path from "node:path";
import type { ShellWish } from "../../app/contract/bridge.ts";
import { pushes } from "./channels.ts";
import { appOrigin } from "./sender.ts";
import type { Remembered } from "./small-stores.ts";
import { windowPreferences } from "./window-preferences.ts";
import { chooseBounds, minimumSize, type WindowState } from "./window-bounds.ts";

interface MainWindowOptions {
  readonly isPackaged: boolean;
  readonly preload: string;
  readonly iconDirectory: string;
  readonly state: Remembered<WindowState | null>;
  /** Asked when the operator closes the window: `close` lets it go, anything else keeps it open or hides it. */
  readonly onCloseWish: () => "close" | "hide" | "quit";
  /** How the window first appears. A login starts Shunt behind what the operator does. */
  readonly firstShow: "front" | "minimised" | "hidden";
  readonly onHidden: () => void;
  readonly onQuitWish: () => void;
  readonly log: (message: string) => void;
}

export interface MainWindow {
  readonly window: BrowserWindow;
  show(): void;
  /** Brings the window forward and puts the wish to the UI, now or as soon as it listens. */
  wish(wish: ShellWish): void;
  /** The wishes that waited, once. */
  takeWishes(): void;
  send(channel: string, value: unknown): void;
  /** Writes down where the window is, now. */
  saveState(): void;
}

/** `--surface-page` of the UI in both themes, so that no white flash comes before the first paint. */
const pageColours = { light: "#eff1ef", dark: "#151918" } as const;
const saveDelayMs = 400;
const maxReloadsPerMinute = 3;

export function openMainWindow(options: MainWindowOptions): MainWindow {
  const saved = options.state.get();
  const window = new BrowserWindow({
    ...chooseBounds(saved?.bounds ?? null, workAreas()),
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    show: false,
    title: "Shunt",
    backgroundColor: pageColour(),
    ...(process.platform === "linux" ? { icon: path.join(options.iconDirectory, "icon.png") } : {}),
    webPreferences: { ...windowPreferences(options.isPackaged), preload: options.preload },
  });
  if (saved?.maximised) window.maximize();
  const saveState = rememberState(window, options.state);
  keepAlive(window, options.log);
  nativeTheme.on("updated", () => window.isDestroyed() || window.setBackgroundColor(pageColour()));
  window.on("page-title-updated", (event) => event.preventDefault());
  window.once("ready-to-show", () => {
    if (options.firstShow === "front") window.show();
    if (options.firstShow === "minimised") window.minimize();
  });
  window.on("close", (event) => {
    const answer = options.onCloseWish();
    if (answer === "close") return;
    event.preventDefault();
    if (answer === "quit") return options.onQuitWish();
    window.hide();
    options.onHidden();
  });
  void window
    .loadURL(`${appOrigin}/`)
    .catch((error: unknown) => options.log(`the page did not load: ${String(error)}`));
  return { ...withWishes(window), saveState };
}

function withWishes(window: BrowserWindow): Omit<MainWindow, "saveState"> {
  let listening = false;
  let waiting: readonly ShellWish[] = [];
  const send = (channel: string, value: unknown) => {
    if (!window.isDestroyed()) window.webContents.send(channel, value);
  };
  window.webContents.on("did-start-loading", () => (listening = false));
  const show = () => {
    if (window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  return {
    window,
    send,
    show,
    wish(wish) {
      show();
      if (listening) send(pushes.wish, wish);
      else waiting = [...waiting, wish];
    },
    takeWishes() {
      listening = true;
      for (const wish of waiting) send(pushes.wish, wish);
      waiting = [];
    },
  };
}

function workAreas() {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
  return [primary, ...others].map((display) => display.workArea);
}

function pageColour(): string {
  return nativeTheme.shouldUseDarkColors ? pageColours.dark : pageColours.light;
}

/** Returns how to write it down at once. */
function rememberState(window: BrowserWindow, state: Remembered<WindowState | null>): () => void {
  let timer: NodeJS.Timeout | undefined;
  const save = () => {
    clearTimeout(timer);
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return;
    state.set({ bounds: window.getNormalBounds(), maximised: window.isMaximized() });
  };
  const saveSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, saveDelayMs);
  };
  window.on("resize", saveSoon);
  window.on("move", saveSoon);
  window.on("maximize", saveSoon);
  window.on("unmaximize", saveSoon);
  window.on("close", save);
  window.on("closed", () => clearTimeout(timer));
  return save;
}

/** A page that dies is loaded again, unless it dies again and again. */
function keepAlive(window: BrowserWindow, log: (message: string) => void): void {
  let reloadsAtMs: number[] = [];
  window.webContents.on("render-process-gone", (_event, details) => {
    log(`the window's page ended: ${details.reason} (${details.exitCode})`);
    const nowMs = performance.now();
    reloadsAtMs = reloadsAtMs.filter((atMs) => nowMs - atMs < 60_000);
    if (details.reason === "clean-exit" || reloadsAtMs.length >= maxReloadsPerMinute) return;
    reloadsAtMs.push(nowMs);
    window.webContents.reload();
  });
  window.on("unresponsive", () => log("the window's page does not respond"));
}
