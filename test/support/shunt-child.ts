/** A Shunt in a process of its own: what it says, and with what arguments it and its children run, until it ends. */
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { descendants } from "../bench/process-tree.ts";
import { lookThrough, type Places } from "./secret-search.ts";
import type { Sink } from "./secret-tally.ts";
import { knowSecret } from "./suite-secrets.ts";

interface WatchedShunt {
  /** Looks at the command lines now, besides twice a second. */
  sample(): void;
  /** What there is to look through so far. */
  places(): Places;
  /** Once it has ended, for the secrets of the tests and its own token. */
  look(sink: Sink, more?: Places): void;
}

const lookMs = 500;

export function watchShunt(child: ChildProcess): WatchedShunt {
  const said: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.on("data", (chunk: Buffer) => said[name].push(chunk));
  const { sample, seen } = watchCommandLines(child);
  const places = (): Places => ({
    stdout: withoutToken(Buffer.concat(said.stdout).toString()),
    stderr: Buffer.concat(said.stderr),
    "command lines": [...seen].join("\n"),
  });
  return { sample, places, look: (sink, more = {}) => lookThrough([sink, { ...places(), ...more }]) };
}

/**
 * The token is for whoever started it, who has it from the ready line (`"token":"…"`) or the page's address (`#token=…`), each
 * written once. That is the only place where it may stand.
 */
function withoutToken(stdout: string): string {
  const found = /"token":"([^"]{12,})"|#token=([^"\s]{12,})/.exec(stdout);
  const token = found?.[1] ?? found?.[2];
  if (token === undefined) return stdout;
  knowSecret("API token", token);
  const line = stdout.slice(0, stdout.indexOf("\n", found?.index));
  return line.replaceAll(token, "the token") + stdout.slice(line.length);
}

/** What /proc shows of the process and all below it; nothing where there is no /proc. */
function watchCommandLines(child: ChildProcess): { sample(): void; readonly seen: ReadonlySet<string> } {
  const seen = new Set<string>();
  const { pid } = child;
  if (process.platform !== "linux" || pid === undefined) return { sample: () => undefined, seen };
  const sample = (): void => {
    for (const one of [pid, ...descendants(pid)]) {
      const line = commandLineOf(one);
      if (line !== "") seen.add(line);
    }
  };
  sample();
  const timer = setInterval(sample, lookMs).unref();
  child.once("exit", () => clearInterval(timer));
  return { sample, seen };
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return ""; // It ended meanwhile.
  }
}

/** Every file of a folder that still holds any, as a place to look at. */
export function filesBelow(folder: string): Places {
  const found: Record<string, Buffer> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = path.join(folder, name);
    if (existsSync(file) && statSync(file).isFile()) found[`file ${name}`] = readFileSync(file);
  }
  return found;
}
