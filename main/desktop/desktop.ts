/** Puts the desktop together: window, tray, menu, notifications and the way out, around a service. */
import { app, nativeTheme, type IpcMain } from "electron";
import type { LinkState } from "../../app/contract/bridge.ts";
import type { ShuntService } from "../../app/service/service.ts";
import type { UpdateDesk } from "../../app/service/updates.ts";
import { hintCloseOnce } from "./close-hint.ts";
import type { GalvanometerWindows } from "./galvanometer/galvanometer-windows.ts";
import { createLiveMirror, type LiveMirror } from "./live-mirror.ts";
import type { LogFile } from "./log-file.ts";
import { openMainWindow, type MainWindow } from "./main-window.ts";
import { isQuiet } from "./muted-routes.ts";
import { startNotifications } from "./notifications.ts";
import { loginItem, startedAtLogin } from "./login-item.ts";
import { openControls } from "./open-controls.ts";
import { followLinks } from "./open-links.ts";
import { builtFiles } from "./places.ts";
import { countLive, decideClose, decideFirstShow, type LiveConnections } from "./quit-decision.ts";
import { createQuitting } from "./quitting.ts";
import { linkRenderer } from "./renderer-link.ts";
import { followWhileShown } from "./follow-while-shown.ts";
import { resumeSandbox } from "./sandbox-memory.ts";
import { openSettings, openWindowState } from "./small-stores.ts";
import { showTroubleBadge } from "./trouble-badge.ts";
import { askDaily } from "./updates.ts";
import { guardLifetime } from "./way-out.ts";
import { watched, type Watched } from "./watched.ts";

interface DesktopOptions {
  readonly directory: string;
  readonly log: LogFile;
  readonly ipcMain: IpcMain;
  readonly service: ShuntService;
  readonly updates: UpdateDesk | undefined;
  readonly galvanometers: GalvanometerWindows;
  readonly configFile: string;
  readonly trayVisible: boolean;
  /** Cuts every connection, also while the service is draining, and ends the threads. */
  readonly cut: () => Promise<void>;
  /** `lost` while the engine is dead. */
  readonly link: Watched<LinkState>;
}

/** Resolves when the window is open and the saved routes are applied. */
export async function startDesktop(options: DesktopOptions): Promise<void> {
  const { directory, log, service, link } = options;
  const settings = openSettings({ directory, log: log.write });
  // electron-store tells its renderer half paths over a channel that checks no sender; nothing of ours uses it.
  options.ipcMain.removeAllListeners("electron-store-get-data");
  const theme = watched(settings.get().theme);
  nativeTheme.themeSource = theme.get();
  theme.onChange((next) => {
    settings.set({ ...settings.get(), theme: next });
    nativeTheme.themeSource = next;
  });

  const mutedRoutes = watched(settings.get().mutedRoutes);
  mutedRoutes.onChange((next) => settings.set({ ...settings.get(), mutedRoutes: next }));

  const mirror = createLiveMirror(service);
  // An engine that was started again counts its revisions anew.
  link.onChange((state) => {
    if (state === "live") void mirror.refresh();
  });
  let forgetSandbox = () => {};
  const quitting = createQuitting({
    window: () => (main.window.isDestroyed() ? null : main.window),
    countLive: () => countNow(mirror),
    drain: service.close,
    cut: options.cut,
    onQuitting: () => {
      forgetSandbox();
      main.saveState();
    },
    log: log.write,
  });
  const quit = () => void quitting.ask();
  const main: MainWindow = openMainWindow({
    isPackaged: app.isPackaged,
    preload: builtFiles.preload,
    iconDirectory: builtFiles.icons,
    state: openWindowState({ directory, log: log.write }),
    firstShow: decideFirstShow({ startedAtLogin: startedAtLogin(), trayVisible: options.trayVisible }),
    onCloseWish: () =>
      decideClose({
        platform: process.platform,
        trayVisible: options.trayVisible,
        quitting: quitting.isQuitting(),
      }),
    onHidden: () => hintCloseOnce({ settings, show: () => main.show(), log: log.write }),
    onQuitWish: quit,
    log: log.write,
  });
  guardLifetime(main, quitting);
  const follower = followWhileShown(main.window, service);

  const started = service.start();
  linkRenderer({
    ipcMain: options.ipcMain,
    main,
    service,
    started,
    follower,
    link,
    theme,
    mutedRoutes,
    loginItem: loginItem(),
    log: log.write,
  });
  const { configFile, updates } = options;
  openControls({ main, service, updates, mirror, link, theme, log, configFile, quit });
  options.galvanometers.follow({ mirror, link });
  followLinks(main, log.write);
  showTroubleBadge({ window: main.window, mirror, iconDirectory: builtFiles.icons });

  await started;
  await mirror.refresh();
  link.set("live");
  // A damaged file was set aside: the settings say which, and what was loaded instead.
  if (service.current().notice !== null) main.wish({ do: "show", screen: "settings" });
  startNotifications({
    onEvent: service.onEvent,
    isQuiet: (subject) => isQuiet(subject, mirror.current().config, mutedRoutes.get()),
    isWatched: () => main.window.isVisible() && main.window.isFocused(),
    wish: main.wish,
    log: log.write,
  });
  const showUpdates = () => main.wish({ do: "show", screen: "settings", id: "updates" });
  if (updates) askDaily({ desk: updates, show: showUpdates, log: log.write });
  forgetSandbox = await resumeSandbox(service, settings);
}

async function countNow(mirror: LiveMirror): Promise<LiveConnections> {
  await mirror.refresh();
  const { config, snapshot } = mirror.current();
  return snapshot === null || config === null
    ? { open: 0, publishers: 0 }
    : countLive(snapshot.routes, config.routes);
}
