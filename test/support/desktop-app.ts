/** The real desktop app in a real Electron, with a directory of its own, driven by Playwright. */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { _electron, type ElectronApplication, type Page } from "playwright-core";
import { root } from "../../scripts/setup/paths.mjs";
import type { CommandName, Argument, Result } from "../../app/contract/commands.ts";
import { errorCode } from "../../app/failures.ts";
import { electron } from "./available.ts";
import { filesBelow } from "./shunt-child.ts";
import { titleWitness, watchDesktop, type WatchedDesktop } from "./watched-desktop.ts";

interface Exit {
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

interface LaunchOptions {
  readonly userData: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of the app's own. */
  readonly args?: readonly string[];
  /** A script that is loaded before the app. */
  readonly preload?: string;
  /** Where this build asks for updates. */
  readonly updates?: object;
}

export function newUserData(): string {
  return mkdtempSync(path.join(tmpdir(), "shunt-desktop-"));
}

/** What apps leave behind that had a directory. */
interface Traces {
  /** Their process groups: Playwright gives each app one of its own. */
  readonly groups: number[];
  /** Where Chromium waited for a second start: temporary folders, which it removes only where it ends well. */
  readonly folders: string[];
  /** What they have shown and said: looked through with the files that they leave. */
  readonly watched: WatchedDesktop[];
}

const tracesOf = new Map<string, Traces>();

function trace(child: ChildProcess, directory: string, watched: WatchedDesktop): void {
  const traces = tracesOf.get(directory) ?? { groups: [], folders: [], watched: [] };
  tracesOf.set(directory, traces);
  traces.watched.push(watched);
  if (child.pid !== undefined) traces.groups.push(child.pid);
  child.once("exit", () => {
    try {
      traces.folders.push(path.dirname(readlinkSync(path.join(directory, "SingletonSocket"))));
    } catch {
      // It ended well.
    }
  });
}

/**
 * Chromium's helper processes write for a while longer than their killed parent lives: they are ended first. Fails the test
 * where one of its secrets is in a file, or was in anything else of the apps that had the directory.
 */
export function removeUserData(directory: string): void {
  const { groups, folders, watched } = tracesOf.get(directory) ?? { groups: [], folders: [], watched: [] };
  tracesOf.delete(directory);
  for (const group of groups) endGroup(group);
  try {
    const files = filesBelow(directory);
    for (const one of watched) one.look(files);
  } finally {
    for (const folder of [...folders, directory])
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

function endGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

export function electronArguments(folder = root): string[] {
  if (electron === null) throw new Error("there is no Electron here");
  return [
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-gpu",
    electron.appArgument(folder),
  ];
}

export function desktopEnvironment({ userData, env = {} }: LaunchOptions): Record<string, string> {
  // Chromium says most then: whatever a page writes to its console is in the program's output.
  const loud = { ELECTRON_ENABLE_LOGGING: "1" };
  return { ...(process.env as Record<string, string>), ...loud, SHUNT_USER_DATA: userData, ...env };
}

/**
 * The app behind Playwright's own loader, which keeps it from being ready before Playwright is. With a binary of our
 * choice Playwright leaves the loader out, and then a window that opens while it connects hangs it now and then.
 */
function heldApp({ preload, updates }: Pick<LaunchOptions, "preload" | "updates">, witness: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "shunt-held-"));
  const { name, productName, version, main } = JSON.parse(
    readFileSync(path.join(root, "package.json"), "utf8"),
  ) as Record<string, string>;
  const loader = path.join(root, "node_modules/playwright-core/lib/server/electron/loader.js");
  const files = [loader, witness, ...(preload === undefined ? [] : [preload]), path.join(root, main ?? "")];
  writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ name, productName, version, main: "held.cjs", updates }),
  );
  writeFileSync(
    path.join(folder, "held.cjs"),
    files.map((file) => `require(${JSON.stringify(file)});`).join("\n"),
  );
  return folder;
}

/** Does something in the main process that may end it: then no answer comes, and none is waited for. */
export function inMain(app: ElectronApplication, step: Parameters<ElectronApplication["evaluate"]>[0]): void {
  app.evaluate(step).catch(() => undefined);
}

export async function launchDesktop(options: LaunchOptions): Promise<DesktopApp> {
  if (electron === null) throw new Error("there is no Electron here");
  const witness = titleWitness();
  const held = heldApp(options, witness.script);
  const app = await _electron.launch({
    executablePath: electron.path,
    args: [...electronArguments(held), ...(options.args ?? [])],
    env: { ...desktopEnvironment(options), ...witness.env },
    // Playwright would otherwise tell the page that the system is light, whatever it is.
    colorScheme: null,
  });
  const child = app.process();
  child.once("exit", () => rmSync(held, { recursive: true, force: true }));
  const exit = new Promise<Exit>((resolve) =>
    child.once("exit", (code, signal) => resolve({ code, signal })),
  );
  const watched = watchDesktop(app, witness);
  trace(child, options.userData, watched);
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
      await watched.readLive(page);
      inMain(app, ({ app: electronApp }) => void setImmediate(() => electronApp.quit()));
      await exit;
    },
    async kill() {
      await watched.readLive(page);
      child.kill("SIGKILL");
      await exit;
    },
  };
}
