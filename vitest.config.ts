/** Two suites: `fast` (unit and integration, on real sockets) and then `e2e` (Electron, Chromium, packaged app). */
import { defineConfig } from "vitest/config";

const endToEnd = ["test/e2e/**/*.test.ts", "test/**/*.e2e.test.ts"];

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
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
          globalSetup: ["test/support/virtual-display.ts"],
          pool: "forks",
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
