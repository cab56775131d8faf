/** The menu of a Galvanometer window. */
import { Menu, type MenuItemConstructorOptions } from "electron";
import type { GalvanometerTls } from "../../../app/galvanometer/galvanometers.ts";

interface GalvanometerMenuOptions {
  readonly readOnly: boolean;
  readonly isUnlocked: boolean;
  readonly home: () => void;
  readonly reload: () => void;
  readonly unlock: () => void;
  readonly lock: () => void;
  /** Who speaks TLS to the instance; null where it speaks none. */
  readonly tls: GalvanometerTls | null;
  readonly chooseTls: (tls: GalvanometerTls) => void;
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
        ...encryption(options),
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

const tlsChoices: Readonly<Record<GalvanometerTls, string>> = {
  passthrough: "Encrypted by this window (https)",
  originate: "Encrypted by Shunt: client certificates, http and https instances side by side",
};

function encryption({ tls, chooseTls }: GalvanometerMenuOptions): MenuItemConstructorOptions[] {
  if (tls === null) return [];
  const items = Object.entries(tlsChoices).map(([choice, label]): MenuItemConstructorOptions => ({
    type: "radio",
    label,
    checked: choice === tls,
    click: () => {
      if (choice !== tls) chooseTls(choice as GalvanometerTls);
    },
  }));
  return [{ type: "separator" }, ...items];
}
