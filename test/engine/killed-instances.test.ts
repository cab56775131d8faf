/** The active member's process is killed (SIGKILL) under publishers: nothing that was acknowledged is lost. */
import { expect, test } from "vitest";
import { idsOn, publishThroughFailures } from "../support/durable-publisher.ts";
import { startKillableInstances } from "../support/killable-instances.ts";
import { cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

async function setUp() {
  const instances = await startKillableInstances();
  const port = await freePort();
  const running = await runEngine(
    {
      version: 1,
      backends: instances.backends,
      pools: [{ id: "pool", members: ["amps-a", "amps-b"] }],
      routes: [{ id: "in", listen: port, transport: "amps", target: "pool", clients: "publishers" }],
    },
    { probeIntervalMs: 200, probeDownIntervalMs: 100, statistics: { shortestIntervalMs: 100 } },
  );
  const pool = async () => (await running.snapshot()).pools[0];
  const linkIs = (state: string) =>
    until(async () => (await pool())?.links.find(({ from }) => from === "amps-a")?.state === state, state);
  return { ...running, ...instances, port, pool, linkIs };
}

test("across a sync link they go on at the other member, and every acknowledged message is there", async () => {
  const { ports, port, kill, downgrade, pool, linkIs, activity } = await setUp();
  await linkIs("sync");
  const acked: string[] = [];
  const publishing = ["pub-1", "pub-2"].map((name) =>
    publishThroughFailures(port, name, 60, (id) => acked.push(id)),
  );
  await until(() => acked.length >= 40);
  await kill("amps-a");
  await until(async () => (await pool())?.active === "amps-b");
  // As an AMPS action does on its own: amps-b acknowledges without amps-a from now on.
  downgrade("amps-b");
  await Promise.all(publishing);
  expect(new Set(acked).size).toBe(120);
  const there = await idsOn(ports["amps-b"]?.amps ?? 0);
  expect(acked.filter((id) => !there.has(id))).toEqual([]);
  expect((await activity()).filter(({ event }) => event === "pool-moved")).toHaveLength(1);
}, 60_000);

test("across a downgraded link they are held, and none is sent to the other member", async () => {
  const { ports, port, kill, downgrade, pool, linkIs, route } = await setUp();
  await linkIs("sync");
  downgrade("amps-a");
  await linkIs("downgraded");
  await kill("amps-a");
  await until(async () => (await route("in")).state === "held");
  const client = await connectTcp(port);
  client.socket.write(frame("{}"));
  expect(await client.ended).toBe("ECONNRESET");
  expect(await pool()).toMatchObject({
    active: "amps-a",
    held: expect.stringContaining("amps-a→amps-b was downgraded"),
  });
  expect(await idsOn(ports["amps-b"]?.amps ?? 0)).toEqual(new Set());
}, 60_000);
