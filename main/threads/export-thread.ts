/** The worker thread of one export. */
import { parentPort, workerData } from "node:worker_threads";
import type { ParsedConfig } from "../../app/config/parsed-config.ts";
import type { ExportRequest } from "../../app/contract/export.ts";
import { exportConfig } from "../../app/export/export-config.ts";

const { config, request } = workerData as { config: ParsedConfig; request: ExportRequest };
parentPort?.postMessage(exportConfig(config, request));
