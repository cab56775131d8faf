import type { ShuntConfig } from "../contract/config.ts";

/** A document that was accepted. */
export interface ParsedConfig {
  /** As the operator wrote it, placeholders kept: what is saved. */
  readonly document: ShuntConfig;
  /** With placeholders replaced: what the engine runs. */
  readonly resolved: ShuntConfig;
}
