/** Two suites: `fast` (unit and integration, on real sockets) and then `e2e` (Electron, Chromium, packaged app). */
import { defineConfig } from "vitest/config";
import { hasDisplay } from "./scripts/setup/display.mjs";
import { LongestFirst } from "./test/support/longest-first.ts";

const endToEnd = ["test/e2e/**/*.test.ts", "test/**/*.e2e.test.ts"];

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    globalSetup: ["test/support/secret-run.ts"],
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
          exclude: endToEnd,
          pool: "forks",
          testTimeout: 60_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          // `npm run proof`: measured programs, one after another.
          name: "proof",
          include: ["test/proof/**/*.proof.ts"],
          pool: "forks",
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: process.env["SHUNT_PROOF"] === "night" ? 5_400_000 : 240_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "e2e",
          include: endToEnd,
          setupFiles: ["test/support/own-display.ts"],
          pool: "forks",
          // On somebody's own screen the windows would take the focus from each other.
          maxWorkers: hasDisplay() ? 1 : 2,
          testTimeout: 90_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
