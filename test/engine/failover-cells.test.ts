/** The cells of the decision table in which nothing was downgraded, on real sockets: no link, an asynchronous one, and a sync one that is cut. */
import { expect, test } from "vitest";
import type { BackendConfig } from "../../app/contract/config.ts";
import { allLinked, runSandbox, until as untilStatus } from "../sandbox/running-sandbox.ts";
import { AmpsTcpClient } from "../support/amps-client.ts";
import { idsOn, publishThroughFailures } from "../support/durable-publisher.ts";
import { cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

const sandboxOptions = { statisticsIntervalMs: 1_000, ackIntervalMs: 50 };
const storyMs = 60_000;

/** Members amps-a, the active one, and amps-b, with a publishers' route and a subscribers' route to both. */
async function runPool(members: readonly (Partial<BackendConfig> | undefined)[]) {
  const [port, viewPort] = [await freePort(), await freePort()];
  const running = await runEngine(
    {
      version: 1,
      backends: members,
      pools: [{ id: "pool", members: ["amps-a", "amps-b"] }],
      routes: [
        { id: "in", listen: port, transport: "amps", target: "pool", clients: "publishers" },
        { id: "views", listen: viewPort, transport: "amps", target: "pool", clients: "subscribers" },
      ],
    },
    { probeIntervalMs: 200, probeDownIntervalMs: 100, statistics: { shortestIntervalMs: 100 } },
  );
  const pool = async () => (await running.snapshot()).pools[0];
  const link = async () => (await pool())?.links.find(({ from }) => from === "amps-a");
  return {
    ...running,
    port,
    viewPort,
    pool,
    link,
    linkIs: (state: string) => until(async () => (await link())?.state === state, `link ${state}`),
    isHeld: () => until(async () => (await running.route("in")).state === "held", "holding"),
    messages: async (event: string) =>
      (await running.activity()).filter((entry) => entry.event === event).map(({ message }) => message),
  };
}

type RunningPool = Awaited<ReturnType<typeof runPool>>;

/** A publisher is reset at once, and no guarded client has left the active member. */
async function expectHeld({ port, route, pool, messages }: RunningPool, why: string): Promise<void> {
  const client = await connectTcp(port);
  client.socket.write(frame("{}"));
  expect(await client.ended).toBe("ECONNRESET");
  expect((await route("in")).reason).toContain(why);
  expect(await pool()).toMatchObject({ active: "amps-a", held: expect.stringContaining(why) });
  expect(await messages("route-held")).toEqual([expect.stringContaining(why)]);
  expect(await messages("pool-moved")).toEqual([]);
}

/** A subscriber gets what is published at the member that is left. */
async function expectSubscribersAt({ viewPort, snapshot }: RunningPool, memberPort: number): Promise<void> {
  const view = await AmpsTcpClient.connect({ port: viewPort, name: "view-1" });
  await view.subscribe("news");
  const backends = (await snapshot()).connections.filter(({ route }) => route === "views");
  expect(backends.map(({ backend }) => backend)).toEqual(["amps-b"]);
  const publisher = await AmpsTcpClient.connect({ port: memberPort, name: "there" });
  await publisher.publish("news", { id: "still-served" });
  expect((await view.nextMessage()).body).toContain("still-served");
  await publisher.close();
  await view.close();
}

test(
  "a link configured async: publishers are held until the member is back, with everything acknowledged; subscribers go on",
  async () => {
    const { handle, a, b } = await runSandbox({ ...sandboxOptions, syncType: "async" });
    await untilStatus(handle, allLinked);
    const running = await runPool((await handle.config()).backends);
    const { port, linkIs, link, pool, isHeld, route, messages } = running;
    await linkIs("async");
    await until(async () => (await link())?.connected === true, "the link's connection");
    expect(await link()).toMatchObject({ type: "async", source: "observed" });
    expect((await pool())?.whatIf).toContain(
      "If amps-a failed now, in would be held: amps-a→amps-b acknowledges asynchronously",
    );
    const acked: string[] = [];
    // Acknowledged without waiting for amps-b, so many, that most are still to come.
    const count = 1_000;
    const publishing = publishThroughFailures(port, "pub-1", count, (id) => acked.push(id));
    await until(() => acked.length >= 20);
    await handle.act("amps-a", { do: "stop" });
    await isHeld();
    const before = acked.length;
    await expectHeld(running, "amps-a→amps-b acknowledges asynchronously");
    await expectSubscribersAt(running, b.ports.amps);
    expect(before).toBeLessThan(count);
    expect(acked).toHaveLength(before);
    await handle.act("amps-a", { do: "start" });
    await publishing;
    expect(new Set(acked).size).toBe(count);
    const there = await idsOn(a.ports.amps);
    expect(acked.filter((id) => !there.has(id))).toEqual([]);
    expect((await route("in")).state).not.toBe("held");
    expect(await pool()).toMatchObject({ active: "amps-a", held: null });
    expect(await messages("route-released")).toHaveLength(1);
  },
  storyMs,
);

test(
  "no link: publishers are held; subscribers go on, as the operator has put both members into one pool",
  async () => {
    const alone = await runSandbox({ ...sandboxOptions, instances: 1 });
    const other = await runSandbox({ ...sandboxOptions, instances: 1 });
    const [first] = (await alone.handle.config()).backends;
    const [second] = (await other.handle.config()).backends;
    const running = await runPool([first, { ...second, id: "amps-b" }]);
    const { port, linkIs, link, pool, isHeld } = running;
    await linkIs("none");
    expect(await link()).toMatchObject({ says: "there is no link amps-a→amps-b" });
    expect((await pool())?.whatIf).toBe(
      "If amps-a failed now, in would be held: there is no link amps-a→amps-b.",
    );
    const publisher = await AmpsTcpClient.connect({ port, name: "pub-1" });
    await publisher.publish("orders", { id: "only-on-a" }, { persisted: true });
    await alone.handle.act("amps-a", { do: "stop" });
    await publisher.closed;
    await isHeld();
    await expectHeld(running, "there is no link amps-a→amps-b");
    await expectSubscribersAt(running, other.a.ports.amps);
    expect(await idsOn(other.a.ports.amps)).toEqual(new Set());
  },
  storyMs,
);

test(
  "a sync link that is cut: publishers are held while nobody is left, then go on at the other with a warning and everything acknowledged",
  async () => {
    const { handle, b } = await runSandbox(sandboxOptions);
    await untilStatus(handle, allLinked);
    const running = await runPool((await handle.config()).backends);
    const { port, linkIs, pool, isHeld, route, messages } = running;
    await linkIs("sync");
    const acked: string[] = [];
    const publishing = publishThroughFailures(port, "pub-1", 40, (id) => acked.push(id));
    await until(() => acked.length >= 20);
    await handle.act("amps-b", { do: "stop" });
    await linkIs("disconnected");
    await until(async () => (await pool())?.takeovers[0]?.away !== null, "amps-b seen down");
    expect((await pool())?.takeovers).toMatchObject([
      { to: "amps-b", verdict: "warn", why: expect.stringContaining("is sync and not connected") },
    ]);
    // amps-a withholds acknowledgements while its peer is away: what it took meanwhile is with the publisher.
    const before = acked.length;
    await handle.act("amps-a", { do: "stop" });
    await isHeld();
    await expectHeld(running, "amps-b does not take connections");
    expect(acked).toHaveLength(before);
    await handle.act("amps-b", { do: "start" });
    await until(async () => (await pool())?.active === "amps-b", "the move");
    expect((await running.activity()).filter(({ event }) => event === "pool-moved")).toMatchObject([
      {
        severity: "warning",
        pool: "pool",
        message: expect.stringMatching(
          /go to amps-b instead of amps-a: amps-a→amps-b is sync and not connected\. Everything acknowledged is there/,
        ),
      },
    ]);
    // As an AMPS action does on its own: amps-b acknowledges without amps-a from now on.
    await handle.act("amps-b", { do: "downgrade", to: "amps-a" });
    await publishing;
    const there = await idsOn(b.ports.amps);
    expect(acked.filter((id) => !there.has(id))).toEqual([]);
    expect(new Set(acked).size).toBe(40);
    expect((await route("in")).state).not.toBe("held");
    expect(await messages("route-released")).toHaveLength(1);
    await expectSubscribersAt(running, b.ports.amps);
  },
  storyMs,
);
