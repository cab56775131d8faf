/** The native doors under storms of random clients, while routes change and connections are cut; and without descriptors. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtNative } from "../support/native.ts";
import { hasSanitizer, nativeProgram } from "../support/native-program.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";

cleanUpAfterEach();

const native = builtNative();
const missing = "missing" in native;
const why = missing ? ` (${native.missing})` : "";
const program = nativeProgram(join(import.meta.dirname, "door-storm.ts"));
const addonFile = join(import.meta.dirname, "../../dist/native/shunt.node");
const longMs = 180_000;

test.skipIf(missing)(
  `10,000 random clients are served whole, refused, or end as they were ended, and nothing is left behind${why}`,
  { timeout: longMs },
  async () => {
    const { code, out, errors } = await program.run([addonFile, "10000", "7"]);
    expect(errors).toBe("");
    expect(code).toBe(0);
    const tally = JSON.parse(out) as Record<string, number>;
    expect(tally["clients"]).toBe(10_000);
    for (const end of ["whole", "broken", "refused", "answered"])
      expect(tally[end], end).toBeGreaterThan(500);
    // None of them was lost to JavaScript by mistake.
    expect(tally["throughDoors"]).toBeGreaterThan(6_000);
  },
);

test.skipIf(!hasSanitizer)("AddressSanitizer finds nothing in 500 of them", { timeout: longMs }, async () => {
  const count = process.env["SHUNT_ASAN_CONNECTIONS"] ?? "500";
  const { code, out, errors } = await program.runSanitized([count, "11"]);
  expect(errors).toBe("");
  expect(code).toBe(0);
  expect((JSON.parse(out) as { whole: number }).whole).toBeGreaterThan(150);
});
