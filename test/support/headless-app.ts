/** The headless application as an operator runs it: the built command line as a child, with a configuration of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "../../scripts/setup/paths.mjs";
import { filesBelow, watchShunt } from "./shunt-child.ts";

export interface ReadyLine {
  readonly event: "ready";
  readonly listeners: readonly {
    readonly listen: string;
    readonly state: string;
    readonly routes: readonly string[];
  }[];
  readonly ui: string;
  readonly api: string;
  readonly token: string;
}

interface HeadlessApp {
  readonly child: ChildProcess;
  readonly ready: ReadyLine;
  readonly configFile: string;
  /** Ends it as Ctrl-C does; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export async function serveHeadless(
  document: unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<HeadlessApp> {
  const folder = mkdtempSync(path.join(tmpdir(), "shunt-headless-"));
  const configFile = path.join(folder, "config.json");
  writeFileSync(configFile, JSON.stringify(document));
  const child = spawn(
    process.execPath,
    [path.join(root, "dist/main/shunt.cjs"), "serve", "--config", configFile, "--json"],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    },
  );
  const watched = watchShunt(child);
  child.stderr.pipe(process.stderr, { end: false });
  const exit = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const ready = await new Promise<ReadyLine>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end > 0) resolve(JSON.parse(text.slice(0, end)) as ReadyLine);
    });
    void exit.then((code) => reject(new Error(`serve ended with ${code}`)));
  });
  return {
    child,
    ready,
    configFile,
    async stop() {
      child.kill("SIGINT");
      const code = await exit;
      const files = filesBelow(folder);
      rmSync(folder, { recursive: true, force: true });
      watched.look("a headless Shunt", files);
      return code;
    },
  };
}
