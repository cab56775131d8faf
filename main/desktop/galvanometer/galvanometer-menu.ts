/** The menu of a Galvanometer window. */
import { Menu, type MenuItemConstructorOptions } from "electron";

export interface GalvanometerMenuOptions {
  readonly readOnly: boolean;
  readonly isUnlocked: boolean;
  readonly home: () => void;
  readonly reload: () => void;
  readonly unlock: () => void;
  readonly lock: () => void;
  readonly close: () => void;
}

export function galvanometerMenu(options: GalvanometerMenuOptions): Menu {
  return Menu.buildFromTemplate([
    ...(process.platform === "darwin" ? [{ role: "appMenu" } as const] : []),
    {
      label: "&Galvanometer",
      submenu: [
        { label: "Start page", accelerator: "Alt+Home", click: options.home },
        { label: "Reload", accelerator: "CmdOrCtrl+R", click: options.reload },
        { label: "Reload", accelerator: "F5", visible: false, click: options.reload },
        ...access(options),
        { type: "separator" },
        { label: "Close", accelerator: "CmdOrCtrl+W", click: options.close },
      ],
    },
    { role: "editMenu" },
    {
      label: "&View",
      submenu: [
        { role: "resetZoom" },
        { role: "zoomIn" },
        { role: "zoomOut" },
        { role: "togglefullscreen" },
        { type: "separator" },
        { role: "toggleDevTools" },
      ],
    },
  ]);
}

function access({
  readOnly,
  isUnlocked,
  lock,
  unlock,
}: GalvanometerMenuOptions): MenuItemConstructorOptions[] {
  if (!readOnly) return [];
  return [
    { type: "separator" },
    isUnlocked
      ? { label: "Lock administrative actions", click: lock }
      : { label: "Allow administrative actions…", click: unlock },
  ];
}
