/** An export under way: thousands of routes take seconds, and the operator may have asked for something else meanwhile. */
import type { ParsedConfig } from "../config/parsed-config.ts";
import type { ExportPreview, ExportRequest } from "../contract/export.ts";
import { exportConfig } from "./export-config.ts";

export interface ExportWork {
  /** Null where it was stopped. */
  readonly done: Promise<ExportPreview | null>;
  stop(): void;
}

export type StartExport = (config: ParsedConfig, request: ExportRequest) => ExportWork;

/** At once and in this thread: right for what takes a moment. */
export const exportHere: StartExport = (config, request) => ({
  done: Promise.resolve(exportConfig(config, request)),
  stop: () => undefined,
});
