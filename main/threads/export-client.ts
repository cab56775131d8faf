/** Long exports on a thread of their own, one each, which ends with them: windows, tray and other commands go on meanwhile. */
import { Worker } from "node:worker_threads";
import type { ExportPreview } from "../../app/contract/export.ts";
import { exportHere, type StartExport } from "../../app/export/export-work.ts";

/** Up to this many routes take less than a thread takes to start. */
const hereAtMost = 300;

export function exportOnThread(script: string): StartExport {
  return (config, request) => {
    if (config.document.routes.length <= hereAtMost) return exportHere(config, request);
    const worker = new Worker(script, { workerData: { config, request } });
    worker.unref();
    const done = new Promise<ExportPreview | null>((resolve, reject) => {
      worker.once("message", (preview) => resolve(preview as ExportPreview));
      worker.once("error", reject);
      worker.once("exit", () => resolve(null));
    });
    return { done, stop: () => void worker.terminate() };
  };
}
