/** A tunnel that dies is Shunt's own blindness: guarded clients are held, and the reason names the tunnel. */
import { expect, test } from "vitest";
import { allLinked, runSandbox, until as untilStatus } from "../sandbox/running-sandbox.ts";
import { AmpsTcpClient } from "../support/amps-client.ts";
import { available, programs } from "../support/available.ts";
import { startChildServer } from "../support/child-server.ts";
import { cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { connectTcp } from "../support/tcp-client.ts";

cleanUpAfterEach();

async function setUp() {
  const sandbox = await runSandbox({ statisticsIntervalMs: 1_000, ackIntervalMs: 50 });
  await untilStatus(sandbox.handle, allLinked);
  const { backends } = await sandbox.handle.config();
  const [port, proxy] = [await freePort(), await freePort()];
  const startProxy = () =>
    startChildServer(programs.microsocks ?? "", ["-i", "127.0.0.1", "-p", String(proxy)], proxy);
  const child = await startProxy();
  const running = await runEngine(
    {
      version: 1,
      tunnels: [{ id: "desk", type: "socks5", address: `127.0.0.1:${proxy}` }],
      backends: backends.map((backend) => (backend.id === "amps-a" ? { ...backend, via: "desk" } : backend)),
      pools: [{ id: "pool", members: ["amps-a", "amps-b"] }],
      routes: [{ id: "in", listen: port, transport: "amps", target: "pool", clients: "publishers" }],
    },
    { probeIntervalMs: 200, probeDownIntervalMs: 100, statistics: { shortestIntervalMs: 100 } },
  );
  const pool = async () => (await running.snapshot()).pools[0];
  await until(
    async () => (await pool())?.links.find(({ from }) => from === "amps-a")?.state === "sync",
    "sync",
  );
  const killProxy = () =>
    new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  return { ...running, ...sandbox, port, pool, killProxy, startProxy };
}

test.skipIf(!available.microsocks)(
  "though the link was seen sync a moment ago, nobody is moved; when the tunnel is back, all goes on where it was",
  async () => {
    const { port, pool, route, killProxy, startProxy, activity } = await setUp();
    await killProxy();
    await until(async () => (await route("in")).state === "held", "held");
    expect((await route("in")).reason).toMatch(
      /^Held: amps-a, the active member of pool pool, cannot be reached while tunnel desk is down, and amps-a→amps-b was last seen .*: tunnel desk is down, which says nothing of amps-a\.$/,
    );
    const refused = await connectTcp(port);
    expect(await refused.ended).toBe("ECONNRESET");
    expect(await pool()).toMatchObject({ active: "amps-a" });
    await startProxy();
    await until(async () => (await route("in")).state !== "held", "released");
    const client = await AmpsTcpClient.connect({ port, name: "pub-1" });
    await client.close();
    expect(await pool()).toMatchObject({ active: "amps-a", held: null });
    expect((await activity()).some(({ event }) => event === "pool-moved")).toBe(false);
  },
);

test.skipIf(!available.microsocks)(
  "a member that dies behind a tunnel that works is seen to die: its clients go on at the other",
  async () => {
    const { pool, handle } = await setUp();
    await handle.act("amps-a", { do: "stop" });
    await until(async () => (await pool())?.active === "amps-b", "the move");
  },
);
