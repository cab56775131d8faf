/** The mark on dock or task bar: how many routes are in trouble. Where neither has marks, the window's title says it. */
import { app, nativeImage, type BrowserWindow } from "electron";
import path from "node:path";
import { countTroubled } from "./tray-model.ts";
import type { LiveMirror } from "./live-mirror.ts";
import { plural } from "./quit-decision.ts";

interface TroubleBadgeOptions {
  readonly window: BrowserWindow;
  readonly mirror: LiveMirror;
  readonly iconDirectory: string;
}

export function showTroubleBadge({ window, mirror, iconDirectory }: TroubleBadgeOptions): void {
  let shown = 0;
  mirror.onChange(() => {
    const { snapshot } = mirror.current();
    const troubled = snapshot === null ? 0 : countTroubled(snapshot.routes);
    if (troubled === shown || window.isDestroyed()) return;
    shown = troubled;
    mark(window, troubled, iconDirectory);
  });
}

function mark(window: BrowserWindow, troubled: number, iconDirectory: string): void {
  if (process.platform === "darwin") app.dock?.setBadge(troubled === 0 ? "" : String(troubled));
  if (process.platform !== "win32") return;
  const icon = nativeImage.createFromPath(path.join(iconDirectory, "tray-warn.png"));
  window.setOverlayIcon(troubled === 0 ? null : icon, `${plural(troubled, "route")} in trouble`);
}
