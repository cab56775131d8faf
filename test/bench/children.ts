/** The bench's child processes: each in a group of its own, bounded in time, and gone when the bench is. */
import { spawn, type ChildProcess } from "node:child_process";
import { descendants } from "./process-tree.ts";

/** Longer than any run (`longestRunMs`), as the generator's own alarm is; a child whose bench was killed ends by itself. */
const longestLifeS = 6_000;
const politeMs = 3_000;

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The processor that it and all below it may use; null: any. */
  readonly cpu: number | null;
}

export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** The last that it said on standard error. */
  said(): string;
  hasEnded(): boolean;
  /** Ends it and everything below it; resolves when it is gone. */
  stop(): Promise<void>;
}

const living = new Set<Child>();

export function startChild({ command, args, env, cpu }: ChildOptions): Child {
  const pinned = cpu === null ? [command, ...args] : ["taskset", "-c", String(cpu), command, ...args];
  const child = spawn("timeout", ["-s", "KILL", String(longestLifeS), ...pinned], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
    detached: true,
  });
  let said = "";
  let ended = false;
  child.stderr.on("data", (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2_000)));
  child.stdin.on("error", () => undefined);
  child.on("error", (error) => (said = error.message));
  const gone = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  }).then(() => {
    ended = true;
    living.delete(started);
  });
  const pid = child.pid ?? 0;
  const started: Child = {
    pid,
    process: child,
    said: () => said.trim(),
    hasEnded: () => ended,
    async stop() {
      // Some leave the group (sshd's sessions do): they are known by descent, as long as their parents live.
      const below = descendants(pid);
      signalGroup(pid, "SIGTERM");
      const force = setTimeout(() => killTree(pid, below), politeMs);
      await gone;
      clearTimeout(force);
      killTree(pid, below);
    },
  };
  living.add(started);
  return started;
}

/** Ends every child at once, without manners: for the end of the bench itself. */
export function killChildren(): void {
  for (const { pid } of living) killTree(pid, descendants(pid));
}

export async function stopChildren(): Promise<void> {
  await Promise.all([...living].map((child) => child.stop()));
}

function killTree(pid: number, below: readonly number[]): void {
  signalGroup(pid, "SIGKILL");
  for (const one of below) signal(one, "SIGKILL");
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  if (pid > 1) signal(-pid, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended before.
  }
}
