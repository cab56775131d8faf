/** Saves on a thread of their own, one each: a busy disk takes a second to have a file on it, and would hold up every connection. */
import { Worker } from "node:worker_threads";
import { notSaved } from "../../app/config/config-file.ts";
import type { ConfigStore, PatientConfigStore } from "../../app/config/config-store.ts";
import type { Failure } from "../../app/contract/failures.ts";

export function savedOnThread(store: ConfigStore, script: string): PatientConfigStore {
  return {
    ...store,
    save: (config) =>
      new Promise((resolve) => {
        const worker = new Worker(script, { workerData: { file: store.file, config } });
        const fail = (error: unknown): void => resolve(notSaved(store.file, error));
        worker.once("message", (failed) => resolve(failed as Failure | null));
        worker.once("error", fail);
        worker.once("exit", () => fail(new Error("the thread that writes it has ended")));
      }),
  };
}
