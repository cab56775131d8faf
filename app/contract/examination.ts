/** What the doctor found on the way to a backend: one step per hop and endpoint, in the order in which they were walked. */
import type { EndpointKind } from "./config.ts";
import type { Failure } from "./failures.ts";

export type ExaminedHop = "name" | "tunnel" | "tcp" | "tls" | "amps" | "websocket" | "admin";

export interface ExaminationStep {
  /** Which endpoint's way this is a step of. */
  readonly endpoint: EndpointKind;
  readonly hop: ExaminedHop;
  /** `skipped`: an earlier hop failed, or there is nothing to ask at this one. */
  readonly outcome: "ok" | "warning" | "failed" | "skipped";
  /** How long it took, in milliseconds; null where nothing was done. */
  readonly tookMs: number | null;
  /** What was found, in one sentence. */
  readonly finding: string;
  /** What to do about it; null where there is nothing to do. */
  readonly advice: string | null;
  readonly failure: Failure | null;
}

export interface Examination {
  readonly backend: string;
  readonly steps: readonly ExaminationStep[];
  /** True where no step failed and none was left out. */
  readonly healthy: boolean;
  /** It was ended before its last hop. */
  readonly stopped: boolean;
}

/** Told while an examination goes on: a hop is being walked, or has been. */
export type ExaminationEvent = {
  readonly type: "examination";
  /** The name that whoever asked for it gave it. */
  readonly run: string;
} & (
  | { readonly is: "walking"; readonly endpoint: EndpointKind; readonly hop: ExaminedHop }
  | { readonly is: "walked"; readonly step: ExaminationStep }
);
