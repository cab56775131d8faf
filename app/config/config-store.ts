/** Where the configuration is kept: electron-store in the desktop app, a plain file in headless mode. */
import type { Failure } from "../contract/failures.ts";
import type { ShuntConfig } from "../contract/config.ts";

export interface LoadedConfig {
  readonly config: ShuntConfig;
  /** What the operator must know: the file was damaged and set aside as …, the copy of … was loaded. */
  readonly notice: string | null;
}

export interface ConfigStore {
  /** The file's path, for the operator's eyes. */
  readonly file: string;
  /** Set where there is no such file: the configuration goes with the process. */
  readonly isInMemory?: true;
  /** Never throws and never overwrites: a damaged file is set aside by name first. */
  load(): LoadedConfig;
  /** Atomic, read back and compared; on a failure the old file is as it was. */
  save(config: ShuntConfig): Failure | null;
}

/** The same where saving may take its time, as on another thread. */
export interface PatientConfigStore extends Omit<ConfigStore, "save"> {
  save(config: ShuntConfig): ReturnType<ConfigStore["save"]> | Promise<ReturnType<ConfigStore["save"]>>;
}
