/** Starting at login: the system's own list on macOS and Windows, an autostart file on Linux. */
import os from "node:os";
import path from "node:path";
import { app } from "electron";
import { autostartFile, type LoginItem } from "./autostart-file.ts";

/** Among the program's arguments when the login started it: then no window comes to the front. */
const atLoginArgument = "--at-login";

/** How this very app is started again: the AppImage rather than what it unpacks to; a checkout needs its folder. */
function startCommand(): { readonly program: string; readonly args: readonly string[] } {
  const program = process.env["APPIMAGE"] ?? process.execPath;
  return { program, args: app.isPackaged ? [atLoginArgument] : [app.getAppPath(), atLoginArgument] };
}

export function loginItem(platform: NodeJS.Platform = process.platform): LoginItem {
  return platform === "linux" ? autostartFile(autostartPath(), startCommand()) : systemLoginItem();
}

export function startedAtLogin(): boolean {
  return (
    process.argv.includes(atLoginArgument) ||
    (process.platform === "darwin" && app.getLoginItemSettings().wasOpenedAtLogin)
  );
}

function systemLoginItem(): LoginItem {
  const { program, args } = startCommand();
  const item = { path: program, args: [...args] };
  return {
    isOn: () => app.getLoginItemSettings(item).openAtLogin,
    set: (on) => app.setLoginItemSettings({ ...item, openAtLogin: on }),
  };
}

/** XDG Autostart: `$XDG_CONFIG_HOME/autostart`. */
function autostartPath(): string {
  const configHome = process.env["XDG_CONFIG_HOME"] || path.join(os.homedir(), ".config");
  return path.join(configHome, "autostart", "shunt.desktop");
}
