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

/** A port route of its own to a backend of its own. */
export interface PortPair {
  readonly routePort: number;
  readonly backendPort: number;
}

/** Somebody looks at what a forwarder shows. */
export interface Look {
  /** Whether anything was seen to change. */
  hasSeenChanges(): Promise<boolean>;
  end(): Promise<void>;
}

/** One that shows live what it does, to who looks. */
export interface WatchedForwarder extends RunningForwarder {
  look(): Promise<Look>;
  /** How late its event loops were since the last call, in ms at p99: the worst of them. */
  loopDelayMs(): Promise<number>;
}

/** How a forwarder is started to be watched, and how long each part of being watched lasts, in ms. */
export interface Watching {
  start(setting: Setting, pairs: readonly PortPair[]): Promise<WatchedForwarder>;
  /** Until what is shown first, all connections at once, is over. */
  readonly openedMs: number;
  readonly closedMs: number;
  /** A time without a look; one with a look is twice as long. */
  readonly stretchMs: number;
  /** Of each measure in each round. */
  readonly blocks: number;
}

export interface Forwarder {
  readonly name: string;
  readonly label: string;
  readonly version: string;
  /** `native`: held to the goals of issue 8; `javascript`: to those without the addon; null: a peer. */
  readonly goals: "native" | "javascript" | null;
  readonly hasPaths: boolean;
  /** Undefined for what shows nothing. */
  readonly watching?: Watching;
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
