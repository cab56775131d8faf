/** Carries the contract between the window's page and the service. */
import type { IpcMain } from "electron";
import type { LinkState } from "../../app/contract/bridge.ts";
import type { ClientAddress, Reply } from "../../app/contract/commands.ts";
import { pushes, requests } from "./channels.ts";
import { callMessage, shellMessage } from "./ipc-messages.ts";
import type { WindowFollower } from "./follow-while-shown.ts";
import { createIpc } from "./ipc.ts";
import type { MirroredService } from "./live-mirror.ts";
import type { MainWindow } from "./main-window.ts";
import { answerShellRequest, shellSettings, type ShellActions } from "./shell-requests.ts";
import type { Watched } from "./watched.ts";

interface RendererLinkOptions {
  readonly ipcMain: Pick<IpcMain, "handle">;
  readonly main: MainWindow;
  readonly service: MirroredService;
  /** Commands wait for this: the page is there before the service is. */
  readonly started: Promise<void>;
  readonly follower: WindowFollower;
  readonly link: Watched<LinkState>;
  readonly theme: ShellActions["theme"];
  readonly mutedRoutes: ShellActions["mutedRoutes"];
  readonly loginItem: ShellActions["loginItem"];
  readonly log: (message: string) => void;
}

export function linkRenderer({
  ipcMain,
  main,
  service,
  started,
  follower,
  link,
  theme,
  mutedRoutes,
  loginItem,
  log,
}: RendererLinkOptions): void {
  const answer = createIpc({
    ipcMain,
    isKnownWindow: (contents) => !main.window.isDestroyed() && contents === main.window.webContents,
    log,
  });
  answer(requests.call, callMessage, async ({ name, argument }) => {
    await started;
    return service.handle(name, argument);
  });
  const actions: ShellActions = {
    window: () => main.window,
    theme,
    mutedRoutes,
    loginItem,
    addresses: async (id) => {
      await started;
      return (await service.handle("route.addresses", { id })) as Reply<readonly ClientAddress[]>;
    },
    takeWishes: main.takeWishes,
    listConnections: follower.listConnections,
    link: link.get,
    log,
  };
  answer(requests.shell, shellMessage, (request) => answerShellRequest(request, actions));
  service.onEvent((event) => main.send(pushes.event, JSON.stringify(follower.heard(event))));
  // A new page lists nothing yet.
  main.window.webContents.on("did-start-loading", () => void follower.listConnections(false));
  link.onChange((state) => main.send(pushes.link, state));
  const tellSettings = () => main.send(pushes.settings, shellSettings(actions));
  theme.onChange(tellSettings);
  mutedRoutes.onChange(tellSettings);
}
