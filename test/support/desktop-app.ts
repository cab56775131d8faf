/** The real desktop app in a real Electron, with a directory of its own, driven by Playwright. */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { _electron, type ElectronApplication, type Page } from "playwright-core";
import { root } from "../../scripts/setup/paths.mjs";
import type { CommandName, Argument, Result } from "../../app/contract/commands.ts";
import { electron } from "./available.ts";

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface DesktopApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly userData: string;
  readonly child: ChildProcess;
  /** How the process ended, once it has. */
  readonly exit: Promise<Exit>;
  /** A command of the contract, sent by the page; throws the failure's message. */
  call<N extends CommandName>(name: N, argument: Argument<N>): Promise<Result<N>>;
  /** Ends it as Ctrl-Q does, without an answer to a question; resolves when the process is gone. */
  quit(): Promise<void>;
  /** Ends it without its knowing. */
  kill(): Promise<void>;
}

export interface LaunchOptions {
  readonly userData: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function newUserData(): string {
  return mkdtempSync(path.join(tmpdir(), "shunt-desktop-"));
}

export function removeUserData(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

export function electronArguments(): string[] {
  if (electron === null) throw new Error("there is no Electron here");
  return [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-gpu", electron.appArgument(root)];
}

export function desktopEnvironment({ userData, env = {} }: LaunchOptions): Record<string, string> {
  return { ...(process.env as Record<string, string>), SHUNT_USER_DATA: userData, ...env };
}

/** Does something in the main process that may end it: then no answer comes, and none is waited for. */
export function inMain(app: ElectronApplication, step: Parameters<ElectronApplication["evaluate"]>[0]): void {
  app.evaluate(step).catch(() => undefined);
}

export async function launchDesktop(options: LaunchOptions): Promise<DesktopApp> {
  if (electron === null) throw new Error("there is no Electron here");
  const app = await _electron.launch({
    executablePath: electron.path,
    args: electronArguments(),
    env: desktopEnvironment(options),
    // Playwright would otherwise tell the page that the system is light, whatever it is.
    colorScheme: null,
  });
  const child = app.process();
  const exit = new Promise<Exit>((resolve) =>
    child.once("exit", (code, signal) => resolve({ code, signal })),
  );
  const page = await app.firstWindow();
  await page.waitForURL("app://shunt/", { waitUntil: "load" });
  return {
    app,
    page,
    userData: options.userData,
    child,
    exit,
    async call(name, argument) {
      const reply = await page.evaluate(
        ([command, value]) => window.shunt?.call(command as "config.get", value as null),
        [name, argument] as const,
      );
      if (!reply?.ok) throw new Error(reply?.failure.message ?? "no bridge");
      return reply.value;
    },
    async quit() {
      inMain(app, ({ app: electronApp }) => void setImmediate(() => electronApp.quit()));
      await exit;
    },
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
  };
}
