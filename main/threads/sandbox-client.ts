/** The sandbox on its thread, as the parent sees it; the thread is started when it is first needed. */
import { Worker } from "node:worker_threads";
import { emptyConfig } from "../../app/config/empty-config.ts";
import type { Reply } from "../../app/contract/commands.ts";
import type { SandboxStatus } from "../../app/contract/sandbox.ts";
import { refuse } from "../../app/failures.ts";
import type { SandboxHandle } from "../../app/sandbox/sandbox-handle.ts";
import { linkToWorker, type ThreadLink } from "./thread-link.ts";

/** The thread is ended anyway: an instance that does not stop must not keep the application from ending. */
const stopWithinMs = 1_000;

const notRunning: SandboxStatus = { running: false, instances: [] };

interface Running {
  readonly worker: Worker;
  readonly link: ThreadLink;
}

export function startSandboxThread(script: string): SandboxHandle {
  const listeners = new Set<(status: SandboxStatus) => void>();
  let running: Running | null = null;
  const tell = (status: SandboxStatus): void => {
    for (const listener of listeners) listener(status);
  };
  const begin = (): Running => {
    const worker = new Worker(script);
    const link = linkToWorker(worker, (status) => tell(status as SandboxStatus));
    // Without a listener a worker's error would be the parent's.
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      running = null;
      tell(notRunning);
    });
    return { worker, link };
  };
  const ask = async <T>(method: string, ...parameters: readonly unknown[]): Promise<Reply<T>> => {
    try {
      return (await running?.link.call(method, ...parameters)) as Reply<T>;
    } catch (error) {
      return refuse(
        "SANDBOX_FAILED",
        `The sandbox ended: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  return {
    start(options) {
      running ??= begin();
      return ask("start", options);
    },
    async stop() {
      if (!running) return notRunning;
      const { worker, link } = running;
      const waited = new Promise((resolve) => setTimeout(resolve, stopWithinMs).unref());
      await Promise.race([link.call("stop").catch(() => undefined), waited]);
      await worker.terminate();
      return notRunning;
    },
    act: (instance, action) =>
      running
        ? ask("act", instance, action)
        : Promise.resolve(refuse("SANDBOX_FAILED", "The sandbox is not running.")),
    status: async () =>
      ((await running?.link.call("status").catch(() => null)) as SandboxStatus | null) ?? notRunning,
    config: async () =>
      ((await running?.link.call("config").catch(() => null)) as typeof emptyConfig | null) ?? emptyConfig,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
