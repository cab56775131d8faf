/** Every kind of forwarder, measured for a moment: so that the bench keeps working. Figures are not judged here. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { available } from "../support/available.ts";
import { until } from "../support/running-engine.ts";
import { startChild, stopChildren } from "./children.ts";
import { findForwarders } from "./forwarders/table.ts";
import { startGenerator, type Generator } from "./generator.ts";
import { briefly, measures } from "./measures.ts";
import { pathTableNs } from "./studies/match.ts";
import { measureMemory } from "./studies/memory.ts";
import { descendants } from "./process-tree.ts";
import { startBehind, takeMeasure } from "./rounds.ts";

const limitMs = 120_000;
const cpus = { generator: null, forwarder: null };

describe.skipIf(!available.compiler)("a moment of the bench", () => {
  let generator: Generator;
  beforeAll(async () => {
    generator = await startGenerator(null);
  }, limitMs);
  afterAll(stopChildren, limitMs);

  const here = {
    nginx: available.nginxStream,
    haproxy: available.haproxy,
    node: true,
    socat: available.socat,
    ssh: available.sshd,
  };

  test.each(["direct", "nginx", "haproxy", "node", "socat", "ssh"] as const)(
    "%s carries every measure",
    async (name) => {
      if (name !== "direct" && !here[name])
        return expect((await findForwarders([name])).missing).toHaveLength(1);
      await carriesEveryMeasure(name);
    },
    limitMs,
  );

  async function carriesEveryMeasure(name: string): Promise<void> {
    const [forwarder] = (await findForwarders([name])).forwarders;
    expect(forwarder?.name).toBe(name);
    const running = await startBehind(forwarder!, generator, { cpu: null, paths: 2 });
    for (const measure of measures.filter(({ through }) => through === "raw" || forwarder!.hasPaths)) {
      const { answer, cpuSeconds } = await takeMeasure(briefly(measure), { running, generator, ms: 20_000 });
      expect(answer.units, measure.id).toBeGreaterThan(0);
      for (const figure of measure.figures.filter(({ id }) => !id.endsWith("/cpu")))
        expect(figure.of({ answer, cpuSeconds }), figure.id).toBeGreaterThan(0);
    }
    await running.stop();
  }

  test("held connections are held, filled and released", async () => {
    const port = await generator.listen();
    expect(await generator.hold(`port=${port} links=20 trickle=100`)).toMatchObject({
      held: 20,
      failures: 0,
    });
    expect(await generator.release()).toMatchObject({ failures: 0 });
    const filled = await generator.hold(`port=${port} links=3 fill=1`);
    expect(filled).toMatchObject({ held: 3, failures: 0 });
    expect(filled.bytes).toBeGreaterThan(3 * 4_096);
    expect(await generator.release()).toMatchObject({ failures: 0 });
  });

  test.skipIf(!available.nginxStream)(
    "memory a connection is measured for both kinds",
    async () => {
      const [nginx] = (await findForwarders(["nginx"])).forwarders;
      const found = await measureMemory(nginx!, { generator, cpus, count: 200 });
      // NGINX takes a buffer of 16 KiB a connection once bytes are held up.
      expect(found.stalled).toBeGreaterThan(found.held);
    },
    limitMs,
  );

  test("the path table is timed, and what it finds is checked", () => {
    expect(pathTableNs(100, 10_000)).toBeGreaterThan(0);
  });

  test("a course tells its slices in order until it is ended, and all of its units", async () => {
    const ports = [await generator.listen(), await generator.listen()]
      .map((port) => `port=${port}`)
      .join(" ");
    const beganMs = Number(process.hrtime.bigint()) / 1e6;
    const running = generator.begin(`round-trips size=200 ${ports} ms=60000 slice=1`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { startedMs, slices, units, failures } = await running.end();
    expect(failures).toBe(0);
    expect(startedMs).toBeGreaterThan(beganMs);
    const ends = slices.map(([endMs]) => endMs);
    expect(ends).toEqual([...ends].sort((left, right) => left - right));
    expect(slices.reduce((sum, [, counted]) => sum + counted, 0)).toBe(units);
    expect(ends.length).toBeGreaterThan(0);
    // What ended the course was taken as nothing else.
    expect(await generator.listen()).toBeGreaterThan(0);
  });

  test("an order that makes no sense is an error, and the generator lives on", async () => {
    await expect(generator.measure("throughput port=0")).rejects.toThrow("out of range");
    await expect(generator.measure("dance port=1")).rejects.toThrow("unknown order");
    expect(await generator.listen()).toBeGreaterThan(0);
  });

  test("a target that refuses connections is a failure, not a figure", async () => {
    const running = { rawPort: 1, httpPort: null, pids: [], stop: async () => undefined };
    const order = { order: "connections links=2", through: "raw" } as const;
    await expect(takeMeasure(order, { running, generator, ms: 50 })).rejects.toThrow("connections failed");
  });
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test.skipIf(process.platform !== "linux")("stopping a child ends what it has started", async () => {
  const child = startChild({ command: "sh", args: ["-c", "trap '' TERM; sleep 600 & sleep 600"], cpu: null });
  let below: readonly number[] = [];
  await until(() => (below = descendants(child.pid)).length === 3, "a shell and two sleeps");
  await child.stop();
  expect(child.hasEnded()).toBe(true);
  // Killed, they are there until somebody has waited for them.
  await until(() => below.every(isGone), "the end of all that was started");
});
