/** The real Electron app for a file of stories: one folder each, an app that is ended behind it, and what is asked of it. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach } from "vitest";
import type { ShellSettings } from "../../app/contract/bridge.ts";
import { root } from "../../scripts/setup/paths.mjs";
import { ensureBuilt } from "./built.ts";
import { inMain, launchDesktop, newUserData, removeUserData, type DesktopApp } from "./desktop-app.ts";

export const pictures = path.join(root, "test-results/desktop");

interface DesktopStory {
  /** Where the app of this test keeps its data. */
  readonly folder: string;
  launch(env?: Readonly<Record<string, string>>): Promise<DesktopApp>;
  /** What Shunt has logged so far; it makes the file at its first line. */
  readLog(): string;
}

export function useDesktop(): DesktopStory {
  let folder: string;
  let running: DesktopApp | null = null;
  beforeAll(async () => {
    await ensureBuilt();
    mkdirSync(pictures, { recursive: true });
  });
  beforeEach(() => (folder = newUserData()));
  afterEach(async () => {
    await running?.kill();
    running = null;
    removeUserData(folder);
  });
  return {
    get folder() {
      return folder;
    },
    async launch(env = {}) {
      running = await launchDesktop({ userData: folder, env });
      return running;
    },
    readLog() {
      const file = path.join(folder, "logs/shunt.log");
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    },
  };
}

export const windowFacts = (from: DesktopApp) =>
  from.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    if (!window) return null;
    return { bounds: window.getNormalBounds(), visible: window.isVisible(), maximised: window.isMaximized() };
  });

/** Answers every message box with the button of this number, and tells what was asked. */
export async function answerQuestions(
  from: DesktopApp,
  response: number,
): Promise<() => Promise<readonly string[]>> {
  await from.app.evaluate(({ dialog }, button) => {
    const asked: string[] = [];
    (globalThis as { asked?: string[] }).asked = asked;
    dialog.showMessageBox = (...parameters: unknown[]) => {
      asked.push((parameters.at(-1) as { message: string }).message);
      return Promise.resolve({ response: button, checkboxChecked: false });
    };
  }, response);
  return () => from.app.evaluate(() => (globalThis as { asked?: string[] }).asked ?? []);
}

/** Runs a script in the window's page, past Playwright. */
export const inPage = (app: DesktopApp["app"], script: string): Promise<unknown> =>
  app.evaluate(
    ({ BrowserWindow }, code) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code),
    script,
  );

export const settingsOf = (page: DesktopApp["page"]) =>
  page.evaluate(
    () => new Promise<ShellSettings | undefined>((resolve) => window.shunt?.shell?.onSettings(resolve)),
  );

export const closeWindow = (from: DesktopApp) =>
  inMain(from.app, ({ BrowserWindow }) => void setImmediate(() => BrowserWindow.getAllWindows()[0]?.close()));

export const wishToQuit = (from: DesktopApp) =>
  inMain(from.app, ({ app }) => void setImmediate(() => app.quit()));
