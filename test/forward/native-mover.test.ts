/** The native mover under many random connections, under AddressSanitizer, and on a thread that is ended under it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { builtNative } from "../support/native.ts";
import { nativeProgram, testSanitized } from "../support/native-program.ts";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";

cleanUpAfterEach();

const native = builtNative();
const missing = "missing" in native;
const why = missing ? ` (${native.missing})` : "";
const program = nativeProgram(join(import.meta.dirname, "many-connections.ts"));
const addonFile = join(import.meta.dirname, "../../dist/native/shunt.node");
const longMs = 180_000;

test.skipIf(missing)(
  `10,000 random connections arrive whole, or end as they were ended${why}`,
  { timeout: longMs },
  async () => {
    const { code, out, errors } = await program.run([addonFile, "10000", "7"]);
    expect(errors).toBe("");
    expect(code).toBe(0);
    const tally = JSON.parse(out) as Record<string, number>;
    expect(tally["connections"]).toBe(10_000);
    // Those that are cut or reset at once are over before anything could be taken over.
    expect(tally["taken"]).toBeGreaterThan(9_000);
    for (const end of ["clean", "broken", "cut"]) expect(tally[end], end).toBeGreaterThan(500);
  },
);

testSanitized(program, (tally) => expect(tally["taken"]).toBeGreaterThan(400));

test.skipIf(missing)(
  `a thread that is ended under it takes its connections with it, and leaves no descriptor behind${why}`,
  { timeout: longMs },
  async () => {
    const openDescriptors = () => readdirSync("/proc/self/fd").length;
    const before = openDescriptors();
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(program.file, { argv: [addonFile, "1000000", String(round + 1)] });
      let failed: unknown = null;
      worker.on("error", (error) => (failed = error));
      // 48 connections at a time have four descriptors each, of which a third is open at any moment.
      await until(() => failed ?? openDescriptors() > before + 40, "traffic in the worker");
      await worker.terminate();
      expect(failed).toBeNull();
    }
    await until(() => openDescriptors() <= before + 5, "every descriptor closed");
  },
);
