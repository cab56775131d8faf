/** The engine on its thread, as the parent sees it. A thread that dies is started again with the last configuration. */
import { Worker } from "node:worker_threads";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { EngineEvent, EngineHandle } from "../../app/engine/engine-handle.ts";
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

/** `onAlive` hears false when the thread has died, and true when it runs again with what was applied last. */
export function startEngineThread(
  script: string,
  options: EngineThreadOptions,
  onAlive: (alive: boolean) => void = () => undefined,
): EngineHandle {
  const listeners = new Set<(event: EngineEvent) => void>();
  let applied: ShuntConfig | null = null;
  let isFollowed = false;
  let closing = false;
  let restartMs = firstRestartMs;
  let worker: Worker;
  let link: ThreadLink;

  const call = <T>(method: string, ...parameters: readonly unknown[]): Promise<T> =>
    link.call(method, ...parameters) as Promise<T>;
  const start = (): void => {
    const startedMs = performance.now();
    worker = new Worker(script, { workerData: options });
    link = linkToWorker(worker, (event) => {
      for (const listener of listeners) listener(event as EngineEvent);
    });
    let reason = "it ended";
    worker.on("error", (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on("exit", () => {
      if (performance.now() - startedMs > steadyMs) restartMs = firstRestartMs;
      if (!closing) onAlive(false);
      // Nobody waits for an answer any more.
      for (const listener of listeners) listener({ type: "questions", questions: [] });
      if (!closing) setTimeout(() => void restart(reason), restartMs);
      restartMs = Math.min(restartMs * 2, longestRestartMs);
    });
  };
  const restart = async (reason: string): Promise<void> => {
    if (closing) return;
    start();
    try {
      await call("note", {
        event: "engine-started",
        severity: "error",
        code: "INTERNAL",
        message: `The engine stopped unexpectedly (${reason}) and was started again; every connection was lost.`,
      });
      if (applied) await call("apply", applied, 0);
      await call("follow", isFollowed);
      onAlive(true);
    } catch {
      // It died again: its exit has scheduled the next attempt.
    }
  };
  start();
  return {
    apply(config, graceMs) {
      applied = config;
      return call("apply", config, graceMs);
    },
    snapshot: () => call("snapshot"),
    follow(wanted) {
      isFollowed = wanted;
      return call("follow", wanted);
    },
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
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close(graceMs) {
      closing = true;
      await call("close", graceMs).catch(() => undefined);
      await worker.terminate();
    },
  };
}
