/** Answers what only a desktop can do: the contract's `Shell`, asked over `shunt:shell`. */
import { clipboard, shell, type BrowserWindow } from "electron";
import type { LinkState, ShellSettings, Theme } from "../../app/contract/bridge.ts";
import type { ShellRequest } from "./channels.ts";
import type { LoginItem } from "./autostart-file.ts";
import { withMuted } from "./muted-routes.ts";
import { openRoutePage, type PageOpening } from "./route-page.ts";
import { saveFiles } from "./save-files.ts";
import type { Watched } from "./watched.ts";

export interface ShellActions {
  readonly theme: Watched<Theme>;
  readonly mutedRoutes: Watched<readonly string[]>;
  readonly takeWishes: () => void;
  readonly listConnections: (isListed: boolean) => Promise<void>;
  readonly window: () => BrowserWindow;
  readonly loginItem: LoginItem;
  readonly addresses: PageOpening["addresses"];
  readonly log: (message: string) => void;
  readonly link: () => LinkState;
}

export function shellSettings({
  theme,
  mutedRoutes,
}: Pick<ShellActions, "theme" | "mutedRoutes">): ShellSettings {
  return { theme: theme.get(), mutedRoutes: mutedRoutes.get() };
}

export async function answerShellRequest(request: ShellRequest, actions: ShellActions): Promise<unknown> {
  switch (request.do) {
    case "copy-text":
      // Asynchronous from Electron 44 on.
      await clipboard.writeText(request.text);
      return null;
    case "get-settings":
      return shellSettings(actions);
    case "set-theme":
      actions.theme.set(request.theme);
      return null;
    case "set-route-muted":
      actions.mutedRoutes.set(withMuted(actions.mutedRoutes.get(), request.id, request.muted));
      return null;
    case "save-files":
      return saveFiles(request.files, actions.window());
    case "open-route":
      return openRoutePage(request.id, {
        addresses: actions.addresses,
        open: (url) => shell.openExternal(url),
      });
    case "get-start-at-login":
      return actions.loginItem.isOn();
    case "set-start-at-login":
      try {
        actions.loginItem.set(request.on);
      } catch (error) {
        actions.log(`starting at login could not be changed: ${String(error)}`);
      }
      return actions.loginItem.isOn();
    case "take-wishes":
      actions.takeWishes();
      return null;
    case "list-connections":
      await actions.listConnections(request.listed);
      return null;
    case "get-link":
      return actions.link();
  }
}
