/** The engine's only door: plain data in, plain data out, so that it can stand behind a thread boundary. */
import type { ActivityEntry } from "../contract/activity.ts";
import type { ForwardingMeans, Reply } from "../contract/commands.ts";
import type { ActiveConditions, Conditions } from "../contract/conditions.ts";
import type { ShuntConfig } from "../contract/config.ts";
import type { Examination } from "../contract/examination.ts";
import type { RefusedTarget, UncoveredPeer } from "../contract/galvanometer.ts";
import type { Answer, QuestionsEvent } from "../contract/questions.ts";
import type { LiveEvent } from "../contract/live.ts";
import type { ByteCounts, RouteHour, Snapshot } from "../contract/snapshot.ts";
import type { GalvanometerOptions, OpenedGalvanometer } from "../galvanometer/galvanometers.ts";
import type { Asked } from "../galvanometer/judge-request.ts";
import type { Following } from "./snapshot-feed.ts";

/** Questions are for whoever can ask the operator; the service does not pass them on. */
export type EngineEvent = LiveEvent | QuestionsEvent;

export interface EngineHandle {
  /**
   * Makes the running routes what `config` says, touching only what differs. Resolves when every new listener is
   * listening or has failed. `graceMs`: how long connections of ended routes may live on.
   */
  apply(config: ShuntConfig, graceMs: number): Promise<void>;
  /** `connections`: with their rows, which is what it is by default. */
  snapshot(connections?: boolean): Promise<Snapshot>;
  /** What of the changes anybody wants, counts and rates among them. Resolves when it is so; at first nobody wants more than one look a second. */
  follow(wanted: Following): Promise<void>;
  activity(): Promise<readonly ActivityEntry[]>;
  history(): Promise<Readonly<Record<string, readonly ByteCounts[]>>>;
  /** The last hour of one route. */
  hour(id: string): Promise<RouteHour>;
  /** Cuts the connections of a route that is draining. */
  cutDraining(id: string): Promise<void>;
  retryRoute(id: string): Promise<Reply<null>>;
  /** Closes the route's listener and listens again; `graceMs` as in `apply`. */
  restartRoute(id: string, graceMs: number): Promise<Reply<null>>;
  /** Another port in the place of one that could not be had, until it is stopped or moved. */
  listenForSession(id: string, port: number): Promise<Reply<null>>;
  /** Puts a route under conditions for a while; see the contract's `route.conditions.set`. */
  setConditions(
    id: string,
    conditions: Conditions,
    how: { readonly forMs: number; readonly reconnect: boolean },
  ): Promise<Reply<ActiveConditions>>;
  clearConditions(id: string): Promise<Reply<null>>;
  closeConnection(id: string): Promise<Reply<null>>;
  probeBackend(id: string): Promise<Reply<null>>;
  /** Makes a member the active one of its pool by the operator's word. */
  promote(pool: string, member: string): Promise<Reply<null>>;
  /** The configuration that a backend's instance runs with, as XML; it may hold credentials. */
  readInstanceConfig(id: string): Promise<Reply<string>>;
  /** What moves the bytes of plain TCP. */
  forwarding(): Promise<ForwardingMeans>;
  /** For each address the next one that is free on this machine, itself where it is. */
  freeListens(listens: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Walks the way to a backend, hop by hop; `examination` events under the name `run` tell of it meanwhile. */
  testBackend(id: string, run: string): Promise<Reply<Examination>>;
  /** Ends an examination early. */
  stopTest(run: string): Promise<void>;
  /** Tries a tunnel at once. */
  retryTunnel(id: string): Promise<Reply<null>>;
  /** Gives up a tunnel's attempt, and those to come until it is tried again. */
  stopTunnel(id: string): Promise<Reply<null>>;
  /** Forgets the passwords and passphrases that a tunnel was told. */
  forgetSecrets(tunnel: string): Promise<void>;
  /** The only way in for a secret. NOT_FOUND where the question is no longer open. */
  answerQuestion(id: string, answer: Answer): Promise<Reply<null>>;
  /** The machine woke up, or its network is another: tunnels are probed and tried at once. */
  wake(): Promise<void>;
  suggestListen(listen: string): Promise<Reply<{ listen: string; owner: string | null }>>;
  /** Which instances the replication statistics of a backend name that no backend covers. */
  uncoveredPeers(backend: string): Promise<Reply<readonly UncoveredPeer[]>>;
  /** Begins a scope of the private forward proxy for one backend's Galvanometer. */
  openGalvanometer(backend: string, options: GalvanometerOptions): Promise<Reply<OpenedGalvanometer>>;
  /** Whether a window may make a request: for those that the forward proxy does not see inside TLS. */
  judgeGalvanometer(id: string, asked: Asked): Promise<Reply<null>>;
  /** Allows administrative actions on a read-only backend in one scope, for at most an hour; 0 takes it back. */
  unlockGalvanometer(id: string, durationMs: number): Promise<Reply<{ until: string | null }>>;
  /**
   * Lets the open Galvanometers of a backend reach one more `host:port`, through the backend's tunnel, until they are
   * closed. BAD_ARGUMENT, NOT_FOUND.
   */
  allowGalvanometer(backend: string, target: RefusedTarget): Promise<Reply<null>>;
  /** Ends a scope and every connection of it. Safe to call twice. */
  closeGalvanometer(id: string): Promise<void>;
  /** Adds an entry to the activity from outside the engine (configuration, sandbox). */
  note(entry: Omit<ActivityEntry, "sequence" | "time">): Promise<void>;
  /** `changes` at most four times a second, everything else as it happens. */
  onEvent(listener: (event: EngineEvent) => void): () => void;
  /** Stops accepting, lets connections drain for `graceMs`, then cuts the rest. Resolves when nothing is open. */
  close(graceMs: number): Promise<void>;
}
