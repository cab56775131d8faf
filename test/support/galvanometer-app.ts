/** Galvanometer windows of the real desktop app, and what tests do with them. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { BackendConfig, ShuntConfig } from "../../app/contract/config.ts";
import { root } from "../../scripts/setup/paths.mjs";
import { launchDesktop, newUserData, removeUserData, type DesktopApp } from "./desktop-app.ts";
import { cleanUp, until } from "./running-engine.ts";

const forDocs = process.env["SHUNT_PICTURES"] !== undefined;
export const pictures = path.join(root, forDocs ? "docs/screens" : "test-results/screens");
mkdirSync(pictures, { recursive: true });

/** A picture of a Galvanometer's page; for the documents of the whole window, which has to be the foremost. */
export async function takePicture(desktop: DesktopApp, page: Page, name: string): Promise<void> {
  const file = path.join(pictures, `${name}.png`);
  if (!forDocs) return void (await page.screenshot({ path: file }));
  const picture = await desktop.app.evaluate(async ({ BrowserWindow, desktopCapturer, screen }) => {
    const { size } = screen.getPrimaryDisplay();
    const [source] = await desktopCapturer.getSources({ types: ["screen"], thumbnailSize: size });
    const window = BrowserWindow.getAllWindows().find((one) => one.getBrowserViews().length === 1);
    return source?.thumbnail.crop(window?.getContentBounds() ?? { x: 0, y: 0, ...size }).toDataURL();
  });
  writeFileSync(file, Buffer.from(picture?.split(",")[1] ?? "", "base64"));
}

export async function launchGalvanometers(): Promise<DesktopApp> {
  const userData = newUserData();
  const desktop = await launchDesktop({
    userData,
    preload: path.join(root, "test/support/internal-names.cjs"),
  });
  cleanUp(async () => {
    await desktop.quit();
    removeUserData(userData);
  });
  return desktop;
}

export async function configure(
  desktop: DesktopApp,
  backends: readonly BackendConfig[],
  more: Partial<ShuntConfig> = {},
): Promise<void> {
  const { revision } = await desktop.call("config.get", null);
  const config: ShuntConfig = { version: 1, tunnels: [], backends, pools: [], routes: [], ...more };
  await desktop.call("config.put", { revision, config });
}

export const isPrompt = (page: Page): boolean => page.url().startsWith("shunt://prompt/");

/** The window whose page is of an instance; it is there once the page has begun, which a login may put off. */
export const pageOn = (desktop: DesktopApp, host: string): Promise<Page> =>
  until(
    () => desktop.app.windows().find((page) => new RegExp(`^https?://${host}[:/]`).test(page.url())),
    `a page of ${host}`,
  );

/** The page of a window that opens meanwhile; its bar is a page too. */
export async function openedBy(desktop: DesktopApp, step: () => Promise<unknown>): Promise<Page> {
  const before = new Set(desktop.app.windows());
  await step();
  const page = await until(
    () =>
      desktop.app.windows().find((one) => !before.has(one) && /^(https?|shunt:\/\/problem)/.test(one.url())),
    "a Galvanometer's page",
  );
  await page.waitForLoadState("domcontentloaded");
  return page;
}

export const openWindow = (desktop: DesktopApp, backend: string): Promise<Page> =>
  openedBy(desktop, () => desktop.call("galvanometer.open", { backend }));

const isBar = (page: Page): boolean => page.url().startsWith("shunt://bar/");

/** What the bars of all Galvanometer windows say. */
export async function bars(desktop: DesktopApp): Promise<string> {
  const told = desktop.app
    .windows()
    .filter(isBar)
    .map((page) => page.getByRole("status").innerText());
  return (await Promise.all(told.map((one) => one.catch(() => "")))).join("\n");
}

export const activity = async (desktop: DesktopApp, event: ActivityEntry["event"]) =>
  (await desktop.call("activity.list", null)).filter((entry) => entry.event === event);

/** Answers the next native question with its button number `at`. */
export const answerNext = (desktop: DesktopApp, at: number) =>
  desktop.app.evaluate(({ dialog }, response) => {
    const told: string[] = [];
    (globalThis as unknown as { told: string[] }).told = told;
    dialog.showMessageBox = (...parameters: unknown[]) => {
      const options = parameters.at(-1) as { message: string; detail?: string };
      told.push(`${options.message} ${options.detail ?? ""}`);
      return Promise.resolve({ response, checkboxChecked: false });
    };
  }, at);
export const questions = (desktop: DesktopApp) =>
  desktop.app.evaluate(() => (globalThis as unknown as { told?: string[] }).told ?? []);

/** Windows do not tell their menus, so they are noted as they are given. */
export const noteMenus = (desktop: DesktopApp) =>
  desktop.app.evaluate(({ BrowserWindow }) => {
    const { prototype } = BrowserWindow as unknown as { prototype: Electron.BrowserWindow };
    const setMenu = prototype.setMenu;
    prototype.setMenu = function (menu) {
      if (menu !== null) Object.assign(globalThis, { noted: menu, notedWindow: this });
      setMenu.call(this, menu);
    };
  });
export const choose = (desktop: DesktopApp, label: RegExp) =>
  desktop.app.evaluate((_electron, source) => {
    const { noted, notedWindow } = globalThis as unknown as {
      noted: Electron.Menu;
      notedWindow: Electron.BrowserWindow;
    };
    const items = noted.items.flatMap((item) => item.submenu?.items ?? []);
    const found = items.find((item) => new RegExp(source).test(item.label));
    if (!found) throw new Error(`no ${source} in ${items.map((item) => item.label).join(", ")}`);
    const [view] = notedWindow.getBrowserViews();
    found.click({}, notedWindow, view?.webContents);
  }, label.source);
