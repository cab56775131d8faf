/** The application menu: the system's roles, and Shunt's few wishes. */
import { Menu, type MenuItemConstructorOptions } from "electron";
import type { ShellWish, Theme } from "../../app/contract/bridge.ts";

interface AppMenuOptions {
  readonly platform: NodeJS.Platform;
  readonly isPackaged: boolean;
  readonly theme: Theme;
  readonly wish: (wish: ShellWish) => void;
  readonly setTheme: (theme: Theme) => void;
  readonly enableAll: (enabled: boolean) => void;
  readonly openLogFolder: () => void;
  readonly showConfigFile: () => void;
  readonly showAbout: () => void;
  /** Null where the build names no feed. */
  readonly checkForUpdates: (() => void) | null;
  readonly quit: () => void;
}

export function setAppMenu(options: AppMenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(appMenuTemplate(options)));
}

const screens = ["routes", "backends", "connections", "activity", "settings"] as const;
const themes: readonly (readonly [Theme, string])[] = [
  ["system", "Like the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

function appMenuTemplate(options: AppMenuOptions): MenuItemConstructorOptions[] {
  const isMac = options.platform === "darwin";
  return [
    ...(isMac ? [macMenu(options)] : []),
    fileMenu(options, isMac),
    { role: "editMenu" },
    viewMenu(options),
    { role: "windowMenu" },
    helpMenu(options, isMac),
  ];
}

function macMenu(options: AppMenuOptions): MenuItemConstructorOptions {
  return {
    label: "Shunt",
    submenu: [
      { label: "About Shunt", click: options.showAbout },
      ...updatesItem(options),
      { type: "separator" },
      { role: "services" },
      { type: "separator" },
      { role: "hide" },
      { role: "hideOthers" },
      { role: "unhide" },
      { type: "separator" },
      { label: "Quit Shunt", accelerator: "Command+Q", click: options.quit },
    ],
  };
}

function updatesItem({ checkForUpdates }: AppMenuOptions): MenuItemConstructorOptions[] {
  return checkForUpdates ? [{ label: "Check for updates", click: checkForUpdates }] : [];
}

function fileMenu(options: AppMenuOptions, isMac: boolean): MenuItemConstructorOptions {
  const quit: MenuItemConstructorOptions[] = [
    { type: "separator" },
    { label: "Quit", accelerator: "CmdOrCtrl+Q", click: options.quit },
  ];
  return {
    label: "&File",
    submenu: [
      { label: "New route…", accelerator: "CmdOrCtrl+N", click: () => options.wish({ do: "new-route" }) },
      { label: "Find", accelerator: "CmdOrCtrl+F", click: () => options.wish({ do: "focus-filter" }) },
      { type: "separator" },
      { label: "Start all routes", click: () => options.enableAll(true) },
      { label: "Stop all routes", click: () => options.enableAll(false) },
      { type: "separator" },
      { role: "close" },
      ...(isMac ? [] : quit),
    ],
  };
}

function viewMenu(options: AppMenuOptions): MenuItemConstructorOptions {
  const development: MenuItemConstructorOptions[] = options.isPackaged
    ? []
    : [{ type: "separator" }, { role: "reload" }, { role: "toggleDevTools" }];
  return {
    label: "&View",
    submenu: [
      ...screens.map((screen, index): MenuItemConstructorOptions => ({
        label: screen.charAt(0).toUpperCase() + screen.slice(1),
        accelerator: `CmdOrCtrl+${index + 1}`,
        click: () => options.wish({ do: "show", screen }),
      })),
      { type: "separator" },
      {
        label: "Theme",
        submenu: themes.map(([theme, label]): MenuItemConstructorOptions => ({
          label,
          type: "radio",
          checked: theme === options.theme,
          click: () => options.setTheme(theme),
        })),
      },
      { type: "separator" },
      { role: "resetZoom" },
      { role: "zoomIn" },
      { role: "zoomOut" },
      { role: "togglefullscreen" },
      ...development,
    ],
  };
}

function helpMenu(options: AppMenuOptions, isMac: boolean): MenuItemConstructorOptions {
  const about: MenuItemConstructorOptions[] = [
    { type: "separator" },
    ...updatesItem(options),
    { label: "About Shunt", click: options.showAbout },
  ];
  return {
    role: "help",
    submenu: [
      { label: "Show configuration file", click: options.showConfigFile },
      { label: "Open log folder", click: options.openLogFolder },
      ...(isMac ? [] : about),
    ],
  };
}
