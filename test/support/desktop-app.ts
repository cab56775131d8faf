/** The real desktop app in a real Electron, with a directory of its own, driven by Playwright. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { _electron, type ElectronApplication, type Page } from "playwright-core";
import { root } from "../../scripts/setup/paths.mjs";
import type { CommandName, Argument, Result } from "../../app/contract/commands.ts";
import { electron } from "./available.ts";

export interface DesktopApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly userData: string;
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

export async function launchDesktop(options: LaunchOptions): Promise<DesktopApp> {
  if (electron === null) throw new Error("there is no Electron here");
  const app = await _electron.launch({
    executablePath: electron.path,
    args: electronArguments(),
    env: desktopEnvironment(options),
  });
  const page = await app.firstWindow();
  await page.waitForLoadState("domcontentloaded");
  const gone = new Promise<void>((resolve) => app.process().once("exit", () => resolve()));
  return {
    app,
    page,
    userData: options.userData,
    async call(name, argument) {
      const reply = await page.evaluate(
        ([command, value]) => window.shunt?.call(command as "config.get", value as null),
        [name, argument] as const,
      );
      if (!reply?.ok) throw new Error(reply?.failure.message ?? "no bridge");
      return reply.value as never;
    },
    async quit() {
      // The answer cannot come back from a process that ends.
      await app.evaluate(({ app: electronApp }) => void setImmediate(() => electronApp.quit())).catch(() => undefined);
      await gone;
    },
    async kill() {
      if (app.process().exitCode === null) app.process().kill("SIGKILL");
      await gone;
    },
  };
}
