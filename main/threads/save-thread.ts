/** The worker thread of one save. */
import { parentPort, workerData } from "node:worker_threads";
import { createFileStore } from "../../app/config/config-file.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";

const { file, config } = workerData as { file: string; config: ShuntConfig };
parentPort?.postMessage(createFileStore(file, process.env).save(config));
