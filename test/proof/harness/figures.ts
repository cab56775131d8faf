/** What a row measured: the runner finds it in the test's meta and prints it in docs/proof.md. */
import type { TestContext } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    figure?: string;
  }
}

/** True for `npm run proof -- --night`: the long forms of the rows. */
export const isNight = process.env["SHUNT_PROOF"] === "night";

/** Kept also where an expectation fails afterwards. */
export function record(context: TestContext, figure: string): void {
  context.task.meta.figure = figure;
}

/** The value below which a share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
