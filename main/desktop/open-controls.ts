/** The tray and the application menu, kept true to what they show. */
import { app, shell } from "electron";
import type { LinkState, Theme } from "../../app/contract/bridge.ts";
import type { UpdateDesk } from "../../app/service/updates.ts";
import { setAppMenu } from "./app-menu.ts";
import type { LiveMirror, MirroredService } from "./live-mirror.ts";
import type { LogFile } from "./log-file.ts";
import type { MainWindow } from "./main-window.ts";
import { builtFiles } from "./places.ts";
import { openTray } from "./tray.ts";
import type { Watched } from "./watched.ts";

interface ControlsOptions {
  readonly main: MainWindow;
  readonly service: MirroredService;
  readonly updates: UpdateDesk | undefined;
  readonly mirror: LiveMirror;
  readonly link: Watched<LinkState>;
  readonly theme: Watched<Theme>;
  readonly log: LogFile;
  readonly configFile: string;
  readonly quit: () => void;
}

export function openControls(options: ControlsOptions): void {
  const { main, service, mirror, link, theme, log, quit } = options;
  const updates = options.updates?.updates;
  const run = (name: "routes.enable" | "route.restart", argument: unknown) =>
    void service.handle(name, argument).then((reply) => {
      if (!reply.ok) log.write(`${name}: ${reply.failure.message}`);
      tray.update();
    });
  const enableRoutes = (ids: readonly string[], enabled: boolean) => run("routes.enable", { ids, enabled });
  const restartRoute = (id: string) => run("route.restart", { id });
  const tray = openTray({
    iconDirectory: builtFiles.icons,
    facts: () => ({ ...mirror.current(), engineAlive: link.get() !== "lost" }),
    actions: { open: main.show, quit, enableRoutes, restartRoute },
  });
  mirror.onChange(tray.update);
  link.onChange(tray.update);
  const drawMenu = () =>
    setAppMenu({
      platform: process.platform,
      isPackaged: app.isPackaged,
      theme: theme.get(),
      wish: main.wish,
      setTheme: theme.set,
      enableAll: (enabled) => enableRoutes(routesThatAre(!enabled, mirror), enabled),
      openLogFolder: () => void shell.openPath(log.directory),
      showConfigFile: () => shell.showItemInFolder(options.configFile),
      showAbout: () => app.showAboutPanel(),
      checkForUpdates: updates
        ? () => {
            main.wish({ do: "show", screen: "settings", id: "updates" });
            void updates.check();
          }
        : null,
      quit,
    });
  theme.onChange(drawMenu);
  drawMenu();
  // On a Mac all windows share one menu, and a Galvanometer has its own.
  if (process.platform === "darwin") main.window.on("focus", drawMenu);
}

function routesThatAre(enabled: boolean, mirror: LiveMirror): readonly string[] {
  const routes = mirror.current().config?.routes ?? [];
  return routes.filter((route) => (route.enabled !== false) === enabled).map((route) => route.id);
}
