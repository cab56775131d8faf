/**
 * A Galvanometer window's two parts: the instance's page, and under it Shunt's bar, which is the window's own page. Neither
 * is drawn upon the other, so that a page as high as its window has all of it (decision 77).
 */
import { BrowserView, BrowserWindow, type Session, type WebContents } from "electron";
import { governElsewhere } from "../hardening.ts";
import { windowPreferences } from "../window-preferences.ts";
import { barHeight, barUrl } from "./shunt-page.ts";
import type { WindowState } from "./window-state.ts";

interface WindowParts {
  readonly window: BrowserWindow;
  /** The instance's page. */
  readonly page: WebContents;
  /** Shares the window out anew, and says this in the bar. */
  draw(state: WindowState): void;
}

export function openWindowParts(session: Session, title: string, isPackaged: boolean): WindowParts {
  const webPreferences = { ...windowPreferences(isPackaged), session };
  const window = new BrowserWindow({ width: 1280, height: 860, title, webPreferences });
  const view = new BrowserView({ webPreferences });
  const { webContents: page } = view;
  governElsewhere(page);
  view.setBackgroundColor("#ffffff");
  window.addBrowserView(view);
  const fit = () => {
    const { width, height } = window.getContentBounds();
    view.setBounds({ x: 0, y: 0, width, height: Math.max(0, height - barHeight) });
  };
  fit();
  window.on("resize", fit);
  shareFate(window, page);
  let drawn = "";
  return {
    window,
    page,
    draw(state) {
      // A menu takes of the height, and comes without a resize.
      fit();
      const url = barUrl(state);
      if (url === drawn) return;
      drawn = url;
      void window.loadURL(url).catch(() => undefined);
    },
  };
}

/** Keys go to the page, and neither part outlives the other. */
function shareFate(window: BrowserWindow, page: WebContents): void {
  const giveFocus = () => {
    if (!page.isDestroyed()) page.focus();
  };
  window.on("focus", giveFocus);
  window.webContents.on("focus", giveFocus);
  window.on("page-title-updated", (event) => event.preventDefault());
  window.on("closed", () => {
    if (!page.isDestroyed()) page.close();
  });
  // A page may close itself, and a window must not go while its view is about to.
  page.on("destroyed", () => {
    setImmediate(() => window.isDestroyed() || window.destroy());
  });
}
