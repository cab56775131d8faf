import type { Way } from "./ways.ts";

/** One thing that clients do; `run` tells in a few words what became of it. */
export interface Check {
  readonly what: string;
  /** Takes more than a minute, of which it is idle: runs beside the others. */
  readonly isLong?: boolean;
  readonly run: (way: Way) => Promise<string>;
}
