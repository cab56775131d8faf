/** The engine on its thread, as the parent sees it. A thread that dies is started again with the last configuration. */
import { Worker } from "node:worker_threads";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { EngineEvent, EngineHandle } from "../../app/engine/engine-handle.ts";
import type { Following } from "../../app/engine/snapshot-feed.ts";
import { errorText } from "../../app/failures.ts";
import { linkToWorker, type ThreadLink } from "./thread-link.ts";

const firstRestartMs = 250;
const longestRestartMs = 30_000;
/** An engine that ran this long has recovered: the next end of it is a new trouble. */
const steadyMs = 60_000;

/** Crosses to the thread as plain data. */
export interface EngineThreadOptions {
  /** Where active members and links are remembered; null: for this run only. */
  readonly guardFile: string | null;
  /** Where host keys that the operator accepted are kept. */
  readonly ownKnownHosts: string;
}

interface EngineThreadSetting extends EngineThreadOptions {
  /** What the thread has for its environment; default: a copy of this one's. */
  readonly env?: NodeJS.ProcessEnv;
}

/** `onAlive` hears false when the thread has died, and true when it runs again with what was applied last. */
export function startEngineThread(
  script: string,
  options: EngineThreadSetting,
  onAlive: (alive: boolean) => void = () => undefined,
): EngineHandle {
  const thread = new EngineThread(script, options, onAlive);
  return {
    ...passedOn((method, ...parameters) => thread.call(method, ...parameters)),
    apply: (config, graceMs) => thread.apply(config, graceMs),
    follow: (wanted) => thread.follow(wanted),
    onEvent: (listener) => thread.onEvent(listener),
    close: (graceMs) => thread.close(graceMs),
  };
}

class EngineThread {
  readonly #script: string;
  readonly #options: EngineThreadSetting;
  readonly #onAlive: (alive: boolean) => void;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  /** What a thread that is started again has to be told. */
  #applied: ShuntConfig | null = null;
  #following: Following = { often: false, connections: false };
  #closing = false;
  #restartMs = firstRestartMs;
  #worker: Worker;
  #link: ThreadLink;

  constructor(script: string, options: EngineThreadSetting, onAlive: (alive: boolean) => void) {
    this.#script = script;
    this.#options = options;
    this.#onAlive = onAlive;
    [this.#worker, this.#link] = this.#start();
  }

  call<T>(method: string, ...parameters: readonly unknown[]): Promise<T> {
    return this.#link.call(method, ...parameters) as Promise<T>;
  }

  apply(config: ShuntConfig, graceMs: number): Promise<void> {
    this.#applied = config;
    return this.call("apply", config, graceMs);
  }

  follow(wanted: Following): Promise<void> {
    this.#following = wanted;
    return this.call("follow", wanted);
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    await this.call("close", graceMs).catch(() => undefined);
    await this.#worker.terminate();
  }

  #start(): [Worker, ThreadLink] {
    const startedMs = performance.now();
    const { env, ...workerData } = this.#options;
    const worker = new Worker(this.#script, { workerData, env });
    const link = linkToWorker(worker, (event) => this.#tell(event as EngineEvent));
    let reason = "it ended";
    worker.on("error", (error) => void (reason = errorText(error)));
    worker.on("exit", () => this.#onExit(reason, performance.now() - startedMs));
    return [worker, link];
  }

  #tell(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #onExit(reason: string, lastedMs: number): void {
    if (lastedMs > steadyMs) this.#restartMs = firstRestartMs;
    if (!this.#closing) this.#onAlive(false);
    // Nobody waits for an answer any more.
    this.#tell({ type: "questions", questions: [] });
    if (!this.#closing) setTimeout(() => void this.#restart(reason), this.#restartMs);
    this.#restartMs = Math.min(this.#restartMs * 2, longestRestartMs);
  }

  async #restart(reason: string): Promise<void> {
    if (this.#closing) return;
    [this.#worker, this.#link] = this.#start();
    try {
      await this.call("note", {
        event: "engine-started",
        severity: "error",
        code: "INTERNAL",
        message: `The engine stopped unexpectedly (${reason}) and was started again; every connection was lost.`,
      });
      if (this.#applied) await this.call("apply", this.#applied, 0);
      await this.call("follow", this.#following);
      this.#onAlive(true);
    } catch {
      // It died again: its exit has scheduled the next attempt.
    }
  }
}

type Call = <T>(method: string, ...parameters: readonly unknown[]) => Promise<T>;

/** What the thread alone answers. */
function passedOn(call: Call): Omit<EngineHandle, "apply" | "follow" | "onEvent" | "close"> {
  return {
    snapshot: (connections) => call("snapshot", connections),
    activity: () => call("activity"),
    history: () => call("history"),
    hour: (id) => call("hour", id),
    cutDraining: (id) => call("cutDraining", id),
    retryRoute: (id) => call("retryRoute", id),
    restartRoute: (id, graceMs) => call("restartRoute", id, graceMs),
    listenForSession: (id, port) => call("listenForSession", id, port),
    setConditions: (id, conditions, how) => call("setConditions", id, conditions, how),
    clearConditions: (id) => call("clearConditions", id),
    closeConnection: (id) => call("closeConnection", id),
    probeBackend: (id) => call("probeBackend", id),
    promote: (pool, member) => call("promote", pool, member),
    readInstanceConfig: (id) => call("readInstanceConfig", id),
    forwarding: () => call("forwarding"),
    freeListens: (listens) => call("freeListens", listens),
    testBackend: (id, run) => call("testBackend", id, run),
    stopTest: (run) => call("stopTest", run),
    retryTunnel: (id) => call("retryTunnel", id),
    stopTunnel: (id) => call("stopTunnel", id),
    forgetSecrets: (tunnel) => call("forgetSecrets", tunnel),
    answerQuestion: (id, answer) => call("answerQuestion", id, answer),
    wake: () => call("wake"),
    suggestListen: (listen) => call("suggestListen", listen),
    uncoveredPeers: (backend) => call("uncoveredPeers", backend),
    openGalvanometer: (backend, options) => call("openGalvanometer", backend, options),
    judgeGalvanometer: (id, asked) => call("judgeGalvanometer", id, asked),
    unlockGalvanometer: (id, durationMs) => call("unlockGalvanometer", id, durationMs),
    allowGalvanometer: (backend, target) => call("allowGalvanometer", backend, target),
    closeGalvanometer: (id) => call("closeGalvanometer", id),
    note: (entry) => call("note", entry),
  };
}
