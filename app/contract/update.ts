/** New versions of Shunt: what is known of one, and how far the operator has got in fetching it. */
import type { Failure } from "./failures.ts";

/** What a signed feed offers for this machine. */
export interface Release {
  readonly version: string;
  /** The day, `2026-11-26`. */
  readonly released: string;
  /** The package's name, without a folder. */
  readonly file: string;
  readonly bytes: number;
}

/** `idle`: not asked yet. `current`: nothing newer than what runs. A `failed` one keeps what can be fetched again. */
export type UpdateStage =
  | { readonly is: "idle" }
  | { readonly is: "checking" }
  | { readonly is: "current" }
  | { readonly is: "newer"; readonly release: Release }
  | { readonly is: "downloading"; readonly release: Release; readonly receivedBytes: number }
  /** Verified, and under its own name in the folder of downloads. */
  | { readonly is: "saved"; readonly release: Release; readonly path: string }
  | { readonly is: "failed"; readonly failure: Failure; readonly release: Release | null };

export interface UpdateStatus {
  /** Where this build asks. */
  readonly feed: string;
  readonly channel: string;
  /** Asks by itself once a day; false until the operator wants it. */
  readonly daily: boolean;
  /** When it was last asked, ISO 8601. */
  readonly askedAt: string | null;
  readonly stage: UpdateStage;
}
