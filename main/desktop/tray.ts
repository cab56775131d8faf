/** Draws the tray model; on every platform the icon's shape says the state, not its colour alone. */
import { existsSync } from "node:fs";
import path from "node:path";
import { Menu, Tray, nativeImage, type MenuItemConstructorOptions, type NativeImage } from "electron";
import { trayModel, type TrayFacts, type TrayIcon, type TrayItem } from "./tray-model.ts";

interface TrayActions {
  readonly open: () => void;
  readonly quit: () => void;
  readonly enableRoutes: (ids: readonly string[], enabled: boolean) => void;
  readonly restartRoute: (id: string) => void;
}

interface TrayHandle {
  /** Shows the facts, at most once a second, and only when something that is shown differs. */
  update(): void;
  close(): void;
}

const redrawIntervalMs = 1_000;

interface TrayOptions {
  readonly iconDirectory: string;
  readonly facts: () => TrayFacts;
  readonly actions: TrayActions;
}

export function openTray({ iconDirectory, facts, actions }: TrayOptions): TrayHandle {
  const tray = new Tray(trayImage(iconDirectory, "idle"));
  let shown = "";
  let timer: NodeJS.Timeout | null = null;
  const draw = () => {
    const model = trayModel(facts());
    const text = JSON.stringify(model);
    if (text === shown || tray.isDestroyed()) return;
    shown = text;
    tray.setImage(trayImage(iconDirectory, model.icon));
    tray.setToolTip(model.tooltip);
    tray.setContextMenu(
      Menu.buildFromTemplate(model.items.map((item) => menuItem(item, actions, redrawAll))),
    );
  };
  // A check item turns its own mark at a click; drawing again shows what is saved, should the command fail.
  const redrawAll = () => {
    shown = "";
    update();
  };
  const update = () => {
    timer ??= setTimeout(() => {
      timer = null;
      draw();
    }, redrawIntervalMs);
  };
  tray.on("click", () => actions.open());
  draw();
  return {
    update,
    close() {
      if (timer !== null) clearTimeout(timer);
      tray.destroy();
    },
  };
}

function menuItem(item: TrayItem, actions: TrayActions, redraw: () => void): MenuItemConstructorOptions {
  switch (item.kind) {
    case "separator":
      return { type: "separator" };
    case "text":
      return { label: item.label, enabled: false };
    case "group":
      return { label: item.label, submenu: item.items.map((child) => menuItem(child, actions, redraw)) };
    case "route":
      return {
        label: item.label,
        type: "checkbox",
        checked: item.enabled,
        click: () => {
          actions.enableRoutes([item.id], !item.enabled);
          redraw();
        },
      };
    case "enable":
      return {
        label: item.label,
        enabled: item.ids.length > 0,
        click: () => actions.enableRoutes(item.ids, item.enabled),
      };
    case "restart":
      return { label: item.label, click: () => actions.restartRoute(item.id) };
    case "open":
      return { label: item.label, click: actions.open };
    case "quit":
      return { label: item.label, click: actions.quit };
  }
}

/** A missing image file makes `new Tray` throw; an empty image does not. */
function trayImage(directory: string, icon: TrayIcon): NativeImage {
  const template = process.platform === "darwin" ? "Template" : "";
  const file = [`tray-${icon}${template}.png`, `tray-${icon}.png`]
    .map((name) => path.join(directory, name))
    .find((candidate) => existsSync(candidate));
  return file === undefined ? nativeImage.createEmpty() : nativeImage.createFromPath(file);
}
