/** The failover guard against sandbox instances on real sockets: nothing that was acknowledged is lost. */
import { describe, expect, test } from "vitest";
import type { ClientRole } from "../../app/contract/config.ts";
import { createMemoryGuardStore, type GuardStore } from "../../app/guard/guard-store.ts";
import { allLinked, runSandbox, until as untilStatus } from "../sandbox/running-sandbox.ts";
import { AmpsTcpClient } from "../support/amps-client.ts";
import { idsOn, publishThroughFailures } from "../support/durable-publisher.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

interface Setting {
  /** How often the instances take their statistics; default 500. */
  readonly statisticsIntervalMs?: number;
  readonly clients?: ClientRole;
  /** In place of amps-a's admin endpoint. */
  readonly admin?: string;
  readonly pool?: object;
  readonly guardStore?: GuardStore;
}

async function setUp(setting: Setting = {}) {
  const sandbox = await runSandbox({
    statisticsIntervalMs: setting.statisticsIntervalMs ?? 500,
    ackIntervalMs: 50,
  });
  await untilStatus(sandbox.handle, allLinked);
  const { backends } = await sandbox.handle.config();
  const [port, viewPort] = [await freePort(), await freePort()];
  const document = {
    version: 1,
    backends: backends.map((backend) =>
      backend.id === "amps-a" && setting.admin ? { ...backend, admin: setting.admin } : backend,
    ),
    pools: [{ id: "pool", members: ["amps-a", "amps-b"], ...setting.pool }],
    routes: [
      { id: "in", listen: port, transport: "amps", target: "pool", clients: setting.clients ?? "publishers" },
      { id: "views", listen: viewPort, transport: "amps", target: "pool", clients: "subscribers" },
    ],
  };
  const options = {
    probeIntervalMs: 200,
    probeDownIntervalMs: 100,
    statistics: { shortestIntervalMs: 100, ...(setting.admin && { timeoutMs: 1_000 }) },
    ...(setting.guardStore && { guardStore: setting.guardStore }),
  };
  const start = () => runEngine(document, options);
  const running = await start();
  const pool = async () => (await running.snapshot()).pools[0];
  const link = async () => (await pool())?.links.find(({ from }) => from === "amps-a");
  return {
    ...running,
    ...sandbox,
    port,
    viewPort,
    start,
    pool,
    link,
    linkIs: (state: string) => until(async () => (await link())?.state === state, `link ${state}`),
    kill: (instance = "amps-a") => sandbox.handle.act(instance, { do: "stop" }),
  };
}

test("the active member is killed under three publishers: they go on at the other, and every acknowledged message is there", async () => {
  const { handle, port, b, kill, linkIs, pool, activity } = await setUp();
  await linkIs("sync");
  expect((await pool())?.whatIf).toBe(
    "If amps-a failed now, in would go on at amps-b: amps-a→amps-b is sync and connected.",
  );
  const acked: string[] = [];
  const names = ["pub-1", "pub-2", "pub-3"];
  const publishing = names.map((name) => publishThroughFailures(port, name, 60, (id) => acked.push(id)));
  await until(() => acked.length >= 60);
  await kill();
  await until(async () => (await pool())?.active === "amps-b");
  // As an AMPS action does on its own: amps-b acknowledges without amps-a from now on.
  await handle.act("amps-b", { do: "downgrade", to: "amps-a" });
  await Promise.all(publishing);
  expect(new Set(acked).size).toBe(180);
  const there = await idsOn(b.ports.amps);
  expect(acked.filter((id) => !there.has(id))).toEqual([]);
  expect(await pool()).toMatchObject({ active: "amps-b", held: null });
  expect((await activity()).filter(({ event }) => event === "pool-moved")).toHaveLength(1);
});

test("after a downgrade the killed member's publishers are held at once, with the reason; subscribers go on; promoting releases them", async () => {
  const { engine, handle, port, viewPort, kill, linkIs, pool, route, activity } = await setUp();
  await linkIs("sync");
  await handle.act("amps-a", { do: "downgrade", to: "amps-b" });
  await linkIs("downgraded");
  expect((await pool())?.whatIf).toContain(
    "in would be held: amps-a→amps-b was downgraded less than a minute ago",
  );
  expect((await pool())?.staleData).toEqual([
    expect.stringMatching(
      /^Subscribers of amps-b: amps-a→amps-b was downgraded .*\. The data there may be older\.$/,
    ),
  ]);
  await kill();
  await until(async () => (await route("in")).state === "held");
  const since = performance.now();
  const client = await connectTcp(port);
  client.socket.write(frame("{}"));
  expect(await client.ended).toBe("ECONNRESET");
  expect(performance.now() - since).toBeLessThan(500);
  expect((await route("in")).reason).toContain("amps-a→amps-b was downgraded");
  const events = (await activity()).map(({ event }) => event);
  for (const event of ["link-downgraded", "route-held", "connection-refused"])
    expect(events).toContain(event);
  const view = await AmpsTcpClient.connect({ port: viewPort, name: "view-1" });
  await view.close();
  expect(await engine.promote("pool", "amps-b")).toEqual({ ok: true, value: null });
  const publisher = await AmpsTcpClient.connect({ port, name: "pub-1" });
  await publisher.close();
  expect((await route("in")).state).not.toBe("held");
  expect((await activity()).map(({ event }) => event)).toContain("pool-promoted");
});

test("a restart that silently restores sync opens no way until two samples show the peer caught up", async () => {
  // What is looked at and done behind the restart has to fit between its first sample and its second.
  const { handle, kill, linkIs, pool, route, activity } = await setUp({ statisticsIntervalMs: 2_000 });
  await linkIs("sync");
  await handle.act("amps-a", { do: "downgrade", to: "amps-b" });
  await linkIs("downgraded");
  await kill();
  await until(async () => (await route("in")).state === "held");
  await handle.act("amps-a", { do: "start" });
  await until(async () => (await activity()).some(({ event }) => event === "backend-restarted"));
  const seen = (await pool())?.links.find(({ from }) => from === "amps-a");
  expect(seen).toMatchObject({ type: "sync", state: "unknown" });
  await kill();
  await until(async () => (await route("in")).state === "held");
  expect((await pool())?.active).toBe("amps-a");
  await handle.act("amps-a", { do: "start" });
  await linkIs("sync");
  await kill();
  await until(async () => (await pool())?.active === "amps-b");
});

test("statistics that hang while the member lives grow stale, and then it fails: held", async () => {
  const { handle, kill, linkIs, route } = await setUp();
  await linkIs("sync");
  await handle.act("amps-a", { do: "slow", delayMs: 60_000 });
  await linkIs("unknown");
  await kill();
  await until(async () => (await route("in")).state === "held");
  expect((await route("in")).reason).toContain(
    "longer before amps-a stopped answering than its statistics hold good",
  );
});

describe("statistics that cannot be believed open no way:", () => {
  test.each([
    [
      "a login",
      "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      "could be read (The statistics ask for a login (401))",
    ],
    [
      "half a document",
      'HTTP/1.1 200 OK\r\nContent-Length: 400\r\nConnection: close\r\n\r\n{"amps":{"instance":{"replication":[{"destination_na',
      "could be read (/amps/instance/replication.json broke off in the middle)",
    ],
    [
      "a page",
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>",
      "could be read (/amps/instance/replication.json is not JSON)",
    ],
    ["silence", null, "could be read (The statistics were not answered within 1 s)"],
    ["the same sample for ever", "frozen", "its statistics hold good"],
  ])("%s, and the link says why", async (_what, answer, why) => {
    const liar = await startTcpBackend({
      onConnection: (socket) => {
        socket.on("error", () => undefined);
        socket.on("data", (chunk) => {
          if (answer === null) return;
          socket.end(answer === "frozen" ? frozenAnswer(chunk.toString()) : answer);
        });
      },
    });
    cleanUp(() => liar.close());
    const { kill, route, pool, link } = await setUp({ admin: `http://127.0.0.1:${liar.port}` });
    await until(() => liar.connections.length > (answer === "frozen" ? 40 : 0));
    await until(async () => (await link())?.says.includes(why), why);
    await kill();
    await until(async () => (await route("in")).state === "held");
    expect(await pool()).toMatchObject({ active: "amps-a", held: expect.stringContaining("amps-a→amps-b") });
  });

  test("but the operator may vouch for the link", async () => {
    const { kill, pool } = await setUp({
      admin: "http://127.0.0.1:1",
      pool: { links: [{ from: "amps-a", to: "amps-b", type: "sync" }] },
    });
    await kill();
    await until(async () => (await pool())?.active === "amps-b");
    expect((await pool())?.links.find(({ from }) => from === "amps-a")).toMatchObject({
      source: "declared",
      state: "sync",
    });
  });
});

/** Says sync, connected and 0 s behind, always of the same moment. */
function frozenAnswer(request: string): string {
  const name = /(\w+)\.json/.exec(request)?.[1] ?? "";
  const row = {
    destination_name: "amps-b",
    replication_type: "sync",
    is_connected: "1",
    seconds_behind: "0",
    client_type: "source",
  };
  const values: Record<string, unknown> = {
    pid: 1,
    name: "amps-a",
    replication: [row],
    timestamp: "20250101T000000.0Z",
    uptime: "01:00:00.0",
  };
  const instance = name === "interval" ? { statistics: { interval: 100 } } : { [name]: values[name] ?? "" };
  const body = JSON.stringify({ amps: { instance } });
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

test("Shunt restarts and the active member dies meanwhile: what was remembered opens the way, and the move outlives the next restart", async () => {
  const guardStore = createMemoryGuardStore();
  const { engine, kill, linkIs, start, handle } = await setUp({ guardStore });
  await linkIs("sync");
  await engine.close(0);
  await kill();
  const second = await start();
  await second.until(({ pools }) => pools[0]?.active === "amps-b");
  await second.engine.close(0);
  await handle.act("amps-a", { do: "start" });
  const third = await start();
  expect((await third.snapshot()).pools[0]?.active).toBe("amps-b");
});

test("going back follows the same rule, across the reverse link", async () => {
  const { handle, kill, linkIs, pool } = await setUp();
  await linkIs("sync");
  await kill();
  await until(async () => (await pool())?.active === "amps-b");
  await handle.act("amps-a", { do: "start" });
  await until(async () => (await pool())?.takeovers[0]?.verdict === "allow", "a way back");
  expect((await pool())?.active).toBe("amps-b");
  await kill("amps-b");
  await until(async () => (await pool())?.active === "amps-a");
});
