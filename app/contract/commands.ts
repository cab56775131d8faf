/**
 * The contract's commands: one table, written once. The service's handlers, `window.shunt`, the HTTP carrier and the
 * test fake all derive from it. A command never throws for an expected failure: it replies with one.
 */
import type { ActivityEntry } from "./activity.ts";
import type { ActiveConditions, Conditions } from "./conditions.ts";
import type { ConfigProblem, ShuntConfig } from "./config.ts";
import type { Examination } from "./examination.ts";
import type { ExportPreview, ExportRequest } from "./export.ts";
import type { Failure } from "./failures.ts";
import type { GalvanometerOpening, RefusedTarget } from "./galvanometer.ts";
import type { ImportPreview, ImportRequest } from "./import.ts";
import type { KeptSecret } from "./questions.ts";
import type { SandboxAction, SandboxStatus } from "./sandbox.ts";
import type { ByteCounts, RouteHour, Snapshot } from "./snapshot.ts";
import type { UpdateStatus } from "./update.ts";

/** The saved document with the number that guards it against a lost update. */
export interface SavedConfig {
  readonly revision: number;
  readonly config: ShuntConfig;
  /** Something the operator must know about the file: it was damaged and set aside, a backup was loaded. */
  readonly notice: string | null;
}

/** How one kind of client writes the address of a route. */
export interface ClientAddress {
  /** `JavaScript client`, `Python, C++, Java, C# clients`, `… with http_preflight`, `Galvanometer`, `spark`. */
  readonly label: string;
  readonly value: string;
  readonly note: string | null;
}

/** What moves the bytes of plain TCP: the native addon, or Node.js alone, and then why. */
export interface ForwardingMeans {
  readonly native: boolean;
  readonly why: string | null;
}

export interface About {
  readonly version: string;
  readonly runtime: "desktop" | "headless";
  /** `Electron 45.4.1` or `Node.js 20.20.2`. */
  readonly engine: string;
  readonly platform: string;
  readonly forwarding: ForwardingMeans;
  /** Where the configuration is kept; null where it goes with Shunt. */
  readonly configFile: string | null;
}

export interface Commands {
  "about.get": { argument: null; result: About };
  /** `connections: false` leaves their rows out; null is the whole. */
  "snapshot.get": { argument: { readonly connections: boolean } | null; result: Snapshot };
  /** The most recent entries, oldest first; at most 1,000 are kept. */
  "activity.list": { argument: null; result: readonly ActivityEntry[] };
  /** Per route id, one entry per whole second, oldest first, at most 60. */
  "history.get": { argument: null; result: Readonly<Record<string, readonly ByteCounts[]>> };

  /** Empty lists for a route that has carried nothing yet. */
  "route.hour": { argument: { id: string }; result: RouteHour };

  "config.get": { argument: null; result: SavedConfig };
  /** Validates a draft without saving it: an empty list means it would be accepted. */
  "config.check": { argument: { config: unknown }; result: readonly ConfigProblem[] };
  /**
   * Saves and applies a document. `revision` is the one the edit began from; CONFIG_CONFLICT when it is no longer the
   * newest. `graceMs`: how long the connections of routes that end may live on (default 5,000; 0 cuts them).
   */
  "config.put": {
    argument: { config: ShuntConfig; revision: number; graceMs?: number };
    result: SavedConfig;
  };
  /** What a file or an instance would add to the configuration; saves nothing. */
  "import.preview": { argument: ImportRequest; result: ImportPreview };
  /** Enables or disables routes; disabling drains them as `config.put` does. */
  "routes.enable": {
    argument: { ids: readonly string[]; enabled: boolean; graceMs?: number };
    result: SavedConfig;
  };
  /**
   * Tries again to bind the listener of a failed route; where another port stands in for the configured one, goes back to
   * that, or keeps the other where it is still taken.
   */
  "route.retry": { argument: { id: string }; result: null };
  /**
   * Closes a route's listener, lets its open connections end within `graceMs` (default 5,000; 0 cuts them) and listens
   * again at once. A listener that other routes share stays open. The listener's failure where it cannot listen again;
   * `route.retry` then tries anew. BAD_ARGUMENT: the route is stopped.
   */
  "route.restart": { argument: { id: string; graceMs?: number }; result: null };
  /**
   * Has a failed route, and those that share its listener, listen on another port of the same host until Shunt ends or the
   * route is stopped or moved; the configuration stays as it is. BAD_ARGUMENT: nothing has failed there.
   */
  "route.listen-for-session": { argument: { id: string; port: number }; result: null };
  /**
   * Puts the connections of a route that come from now on under conditions, for `forMs` (1,000 to 28,800,000). Refused
   * where a backend of production is behind it. `reconnect` cuts the open ones, so that they come back under them.
   */
  "route.conditions.set": {
    argument: { id: string; conditions: Conditions; forMs: number; reconnect?: boolean };
    result: ActiveConditions;
  };
  "route.conditions.clear": { argument: { id: string }; result: null };
  "route.addresses": { argument: { id: string }; result: readonly ClientAddress[] };
  /** The given address if it is free, else the next free one, and who has the given one. */
  "listen.suggest": { argument: { listen: string }; result: { listen: string; owner: string | null } };

  "connection.close": { argument: { id: string }; result: null };
  /** Probes a backend's endpoints at once, all of them, used or not. */
  "backend.probe": { argument: { id: string }; result: null };
  /**
   * Makes a member the active one of its pool by the operator's word, whatever the links say: guarded clients go there
   * from now on. Connections that are open stay where they are.
   */
  "pool.promote": { argument: { pool: string; member: string }; result: null };
  /**
   * Walks the way to a backend hop by hop; takes up to ten seconds for each hop that stays silent. `run` is a name of the
   * caller's choice, under which `examination` events tell of each hop and `backend.test-stop` ends it.
   */
  "backend.test": { argument: { id: string; run: string }; result: Examination };
  "backend.test-stop": { argument: { run: string }; result: null };
  /** Tries a tunnel at once, also where no further attempt would be made. */
  "tunnel.retry": { argument: { id: string }; result: null };
  /** Gives up a tunnel's attempt, and those to come until it is tried again; what is up stays up. */
  "tunnel.stop": { argument: { id: string }; result: null };
  /** Brings the window forward in which the operator is asked for a tunnel; NOT_POSSIBLE_HERE without a desktop. */
  "tunnel.answer": { argument: { id: string }; result: null };
  /** The secrets that are kept, without the secrets. */
  "secrets.list": { argument: null; result: readonly KeptSecret[] };
  /** Forgets every secret that is kept for a tunnel; its next log-on asks anew. */
  "secrets.forget": { argument: { tunnel: string }; result: readonly KeptSecret[] };

  /** Opens a backend's Galvanometer: a window in the desktop app; elsewhere the reply says what a browser can do. */
  "galvanometer.open": { argument: { backend: string }; result: GalvanometerOpening };
  /** Lets a backend's open Galvanometer reach an address that it was refused, until it is closed. */
  "galvanometer.allow": { argument: { backend: string; target: RefusedTarget }; result: null };

  /** The saved configuration as the files of another engine, of AMPS or of clients; changes nothing. */
  "export.preview": { argument: ExportRequest & { run?: string }; result: ExportPreview };
  /** Gives up an export that takes long, by the `run` that it was asked for under; its reply is EXPORT_STOPPED. */
  "export.stop": { argument: { run: string }; result: null };

  "sandbox.status": { argument: null; result: SandboxStatus };
  /** Starts the sandbox and, where they are missing, adds its backends and routes to the configuration. */
  "sandbox.start": { argument: null; result: SandboxStatus };
  /** Stops the sandbox; with `remove`, takes its backends and routes out of the configuration too. */
  "sandbox.stop": { argument: { remove: boolean }; result: SandboxStatus };
  "sandbox.act": { argument: { instance: string; action: SandboxAction }; result: SandboxStatus };

  /** Null where this Shunt has no updater: a build without a feed, or no desktop. The others are then NOT_POSSIBLE_HERE. */
  "update.status": { argument: null; result: UpdateStatus | null };
  /** Asks the feed, and resolves when that is over; a failure is in the status. */
  "update.check": { argument: null; result: UpdateStatus };
  /** Fetches and verifies the release that was found, and resolves when that is over; NOT_FOUND where none was. */
  "update.download": { argument: null; result: UpdateStatus };
  /** Gives up what is under way and keeps nothing of it. */
  "update.stop": { argument: null; result: UpdateStatus };
  "update.daily": { argument: { on: boolean }; result: UpdateStatus };
  /** Shows the saved package in its folder. Installing it is the operator's. NOT_FOUND where it is not, or no longer, there. */
  "update.reveal": { argument: null; result: UpdateStatus };
}

export type CommandName = keyof Commands;
export type Argument<N extends CommandName> = Commands[N]["argument"];
export type Result<N extends CommandName> = Commands[N]["result"];

export type Reply<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export type CommandHandlers = {
  readonly [N in CommandName]: (argument: Argument<N>) => Promise<Reply<Result<N>>>;
};
