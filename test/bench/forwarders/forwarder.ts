/** A program that forwards, as the bench sees it. */
import { accepts } from "../ports.ts";
import { startChild, type Child, type ChildOptions } from "../children.ts";

/** What it is to forward to, and from where it may run. */
export interface Setting {
  /** Raw TCP, WebSocket, preflight and HTTP, all on this port. */
  readonly backendPort: number;
  /** Its own, empty, removed afterwards. */
  readonly folder: string;
  readonly cpu: number | null;
  /** Path routes `/r0` … beside `/p`, on the HTTP port. */
  readonly paths: number;
}

export interface RunningForwarder {
  readonly rawPort: number;
  /** Path routes; null where it cannot do them. */
  readonly httpPort: number | null;
  /** Where its tree of processes begins; none for no forwarder. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export interface Forwarder {
  readonly name: string;
  readonly label: string;
  readonly version: string;
  /** `native`: held to the goals of issue 8; `javascript`: to those without the addon; null: a peer. */
  readonly goals: "native" | "javascript" | null;
  readonly hasPaths: boolean;
  /** What the headless Shunt is started with; undefined for everything else. */
  readonly env?: Readonly<Record<string, string>>;
  start(setting: Setting): Promise<RunningForwarder>;
}

const startWithinMs = 60_000;

/** Starts a program and waits until it takes connections on all ports. */
export async function startServing(options: ChildOptions, ports: readonly number[]): Promise<Child> {
  const child = startChild(options);
  child.process.stdout?.resume();
  const giveUp = Date.now() + startWithinMs;
  for (const port of ports) {
    while (!(await accepts(port))) {
      if (child.hasEnded() || Date.now() > giveUp) {
        await child.stop();
        throw new Error(`${options.command} does not listen on ${port}: ${child.said()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return child;
}
