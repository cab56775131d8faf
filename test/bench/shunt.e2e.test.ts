/** Shunt itself in the bench: the built command line and the built desktop app, for a moment each. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { available } from "../support/available.ts";
import { stopChildren } from "./children.ts";
import { findForwarders } from "./forwarders/table.ts";
import { startGenerator, type Generator } from "./generator.ts";
import { briefly, measures } from "./measures.ts";
import { collect } from "./studies/study.ts";
import { measureWatching } from "./studies/watching.ts";
import { startBehind, takeMeasure } from "./rounds.ts";

const limitMs = 120_000;

describe.skipIf(!available.compiler)("a moment of the bench with Shunt", () => {
  let generator: Generator;
  beforeAll(async () => {
    generator = await startGenerator(null);
  }, limitMs);
  afterAll(stopChildren, limitMs);

  async function carriesEveryMeasure(names: readonly string[]): Promise<void> {
    for (const forwarder of (await findForwarders(names)).forwarders) {
      const running = await startBehind(forwarder, generator, { cpu: null, paths: 2 });
      for (const measure of measures) {
        const { answer, cpuSeconds } = await takeMeasure(briefly(measure), {
          running,
          generator,
          ms: 20_000,
        });
        expect(answer.units, `${forwarder.name} ${measure.id}`).toBeGreaterThan(0);
        expect(cpuSeconds).not.toBeNull();
      }
      await running.stop();
    }
  }

  test("the headless mode carries every measure", () => carriesEveryMeasure(["shunt", "shunt-js"]), limitMs);

  async function showsWhatWatchingCosts(name: string): Promise<void> {
    const [shunt] = (await findForwarders([name])).forwarders;
    const { watching } = shunt!;
    const collected = collect();
    const options = { generator, cpus: { generator: null, forwarder: null }, held: 50, rounds: 1 };
    await measureWatching({ name, watching: { ...watching!, blocks: 1 } }, options, collected);
    for (const id of ["watching-loop-delay", "watching-messages", "watching-messages/cpu"]) {
      const result = collected.result({ id, title: "", section: "", unit: "", better: "less" });
      expect(result.series[0]?.values[0], id).toBeGreaterThanOrEqual(0);
    }
  }

  test(
    "watching is measured while the live feed shows changes",
    () => showsWhatWatchingCosts("shunt"),
    limitMs,
  );

  test.skipIf(!available.electron)(
    "watching is measured while the window shows changes",
    () => showsWhatWatchingCosts("electron"),
    limitMs,
  );

  test.skipIf(!available.electron)(
    "the desktop app carries every measure",
    () => carriesEveryMeasure(["electron", "electron-js"]),
    limitMs,
  );
});
