/** Load: clients here, Shunt headless and the backend each in a process of its own (reliability 2.1). */
import type { Socket } from "node:net";
import { expect, test, type TestContext } from "vitest";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startBackendProcess } from "./harness/backend-process.ts";
import { open, openMany, ping, pingAll, watchLosses } from "./harness/clients.ts";
import { isNight, median, pause, percentile, record } from "./harness/figures.ts";
import { readWords } from "./harness/words.ts";
import { startShunt, type LoopDelay, type ShuntProcess } from "./harness/shunt-process.ts";

cleanUpAfterEach();

/** What L8 looks at: the delays of Shunt's loop while the other rows ran. */
const loops = new Map<string, LoopDelay>();

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

async function echoShunt(
  transport: "replication" | "websocket",
  target: number,
): Promise<ShuntProcess & { port: number }> {
  const port = await freePort();
  const scheme = transport === "websocket" ? "ws" : "tcp";
  const shunt = await startShunt({
    version: 1,
    backends: [{ id: "b", [transport]: `${scheme}://127.0.0.1:${target}` }],
    routes: [{ id: "r", listen: port, transport, target: "b" }],
  });
  return { ...shunt, port };
}

interface Holding {
  readonly row: string;
  readonly shunt: ShuntProcess;
  readonly connect: () => Promise<Socket[]>;
  readonly holdMs: number;
  readonly mostKbPerConnection: number;
}

/** Opens them all, leaves them be but for one byte each half-minute, and looks at what that costs. */
async function hold(
  context: TestContext,
  { row, shunt, connect, holdMs, mostKbPerConnection }: Holding,
): Promise<void> {
  const baseKb = shunt.rssKb();
  const sockets = await connect();
  const heldFrom = performance.now();
  const lost = watchLosses(sockets);
  await pause(5_000);
  await shunt.loop();
  const idleFrom = { cpu: shunt.cpuMs(), at: performance.now() };
  await pause(Math.min(holdMs / 2, 20_000));
  const idleShare = (shunt.cpuMs() - idleFrom.cpu) / (performance.now() - idleFrom.at);
  const took: number[] = [];
  while (performance.now() < heldFrom + holdMs) took.push(...(await pingAll(sockets, 20_000)));
  const kbEach = (shunt.rssKb() - baseKb) / sockets.length;
  const heldSeconds = (performance.now() - heldFrom) / 1000;
  const p99 = percentile(took, 0.99);
  loops.set(row, await shunt.loop());
  const gone = lost();
  for (const socket of sockets) socket.destroy();
  record(
    context,
    `${sockets.length} held ${Math.round(heldSeconds)} s: ${gone} lost, ${kbEach.toFixed(1)} KB each, idle CPU ${(idleShare * 100).toFixed(1)} %, ping p99 ${ms(p99)}`,
  );
  expect(gone).toBe(0);
  expect(kbEach).toBeLessThanOrEqual(mostKbPerConnection);
  expect(idleShare).toBeLessThanOrEqual(0.03);
  expect(p99).toBeLessThanOrEqual(50);
}

test("L1: idle TCP connections are held", async (context) => {
  const backend = await startBackendProcess("echo");
  const shunt = await echoShunt("replication", backend.port);
  const connect = () => openMany(shunt.port, isNight ? 8_000 : 2_000, { hello: "x" });
  const holdMs = isNight ? 1_800_000 : 60_000;
  await hold(context, { row: "L1", shunt, connect, holdMs, mostKbPerConnection: 32 });
});

test("L2: idle upgraded connections outlive every limit of HTTP", async (context) => {
  const backend = await startBackendProcess("upgrade");
  const shunt = await echoShunt("websocket", backend.port);
  const hello = `GET /amps/json HTTP/1.1\r\nHost: 127.0.0.1:${shunt.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
  const connect = () => openMany(shunt.port, isNight ? 4_000 : 1_000, { hello });
  // Head 10 s, request 60 s, keep-alive 65 s: by night twice their sum, by day more than the longest.
  await hold(context, {
    row: "L2",
    shunt,
    connect,
    holdMs: isNight ? 280_000 : 80_000,
    mostKbPerConnection: 48,
  });
});

test("L4: connections come and go without a trace", async (context) => {
  const backend = await startBackendProcess("echo");
  const shunt = await echoShunt("replication", backend.port);
  const churn = async (count: number): Promise<void> => {
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let number = next++; number < count; number = next++) {
        const socket = await open(shunt.port, { hello: "x", number });
        await new Promise((resolve) => socket.end().once("close", resolve));
      }
    };
    await Promise.all(Array.from({ length: 50 }, worker));
  };
  const baseFds = shunt.openFds();
  // So many, until V8 has touched all 33 MB of its young generation once: that is no growth.
  await churn(24_000);
  await shunt.loop();
  await pause(3_000);
  const baseKb = shunt.rssKb();
  await shunt.loop();
  const each = isNight ? 30_000 : 6_000;
  const rates: number[] = [];
  const rss: number[] = [];
  for (let round = 0; round < 5; round++) {
    const from = performance.now();
    await churn(each);
    rates.push((each * 1000) / (performance.now() - from));
    const delay = await shunt.loop();
    const worst = loops.get("L4") ?? delay;
    loops.set("L4", {
      ...delay,
      p99Ms: Math.max(worst.p99Ms, delay.p99Ms),
      maxMs: Math.max(worst.maxMs, delay.maxMs),
    });
    await pause(2_000);
    rss.push(shunt.rssKb());
  }
  for (let left = 60; left > 0 && shunt.openFds() > baseFds; left--) await pause(1_000);
  const grownMb = (shunt.rssKb() - baseKb) / 1024;
  const slopeMb = ((rss.at(-1) ?? 0) - (rss[0] ?? 0)) / 1024 / 4;
  record(
    context,
    `${5 * each} in five rounds: ${Math.round(median(rates))}/s, 0 errors, fds ${shunt.openFds() - baseFds} over base, RSS ${grownMb.toFixed(1)} MB over base, slope ${slopeMb.toFixed(2)} MB a round`,
  );
  expect(median(rates)).toBeGreaterThanOrEqual(1_000);
  expect(shunt.openFds()).toBeLessThanOrEqual(baseFds);
  expect(grownMb).toBeLessThanOrEqual(20);
  expect(slopeMb).toBeLessThanOrEqual(1);
});

test("L5: clients that do not read cost little, and their neighbours nothing", async (context) => {
  const [flood, echo] = [await startBackendProcess("flood"), await startBackendProcess("echo")];
  const [floodPort, echoPort] = [await freePort(), await freePort()];
  const shunt = await startShunt({
    version: 1,
    backends: [
      { id: "flood", replication: `tcp://127.0.0.1:${flood.port}` },
      { id: "echo", replication: `tcp://127.0.0.1:${echo.port}` },
    ],
    routes: [
      { id: "f", listen: floodPort, transport: "replication", target: "flood" },
      { id: "e", listen: echoPort, transport: "replication", target: "echo" },
    ],
  });
  const neighbours = await openMany(echoPort, 100, { hello: "x" });
  const baseKb = shunt.rssKb();
  const slow = await openMany(floodPort, 200);
  const lost = watchLosses(slow);
  await pause(5_000);
  await shunt.loop();
  const took: number[] = [];
  for (const until = performance.now() + (isNight ? 60_000 : 25_000); performance.now() < until;)
    took.push(...(await pingAll(neighbours, 1_000)));
  const kbEach = (shunt.rssKb() - baseKb) / slow.length;
  loops.set("L5", await shunt.loop());
  const p99 = percentile(took, 0.99);
  const read = Promise.allSettled(slow.map((socket) => readWords(socket, 8 * 1024 * 1024)));
  const broken = (await read).filter(({ status }) => status === "rejected").length;
  record(
    context,
    `200 stalled: ${Math.round(kbEach)} KB each; 100 neighbours' p99 ${ms(p99)}; after resuming 8 MB each, ${broken} not in order, ${lost()} lost`,
  );
  for (const socket of [...slow, ...neighbours]) socket.destroy();
  expect(kbEach).toBeLessThanOrEqual(512);
  expect(p99).toBeLessThanOrEqual(20);
  expect(broken).toBe(0);
});

test("L8: Shunt's event loop is never held up for long", async (context) => {
  const backend = await startBackendProcess("echo");
  const ports = Array.from({ length: 1_000 }, (_, at) => 20_000 + at);
  const document = {
    version: 1,
    backends: [{ id: "b", replication: `tcp://127.0.0.1:${backend.port}` }],
    routes: ports.map((port) => ({
      id: `r${port}`,
      listen: `127.0.1.1:${port}`,
      transport: "replication",
      target: "b",
    })),
  };
  const shunt = await startShunt(document);
  const client = await open(await firstListening(shunt), { hello: "x" }).catch(() => null);
  await shunt.loop();
  for (let save = 0; save < 20; save++) {
    const routes = document.routes.map((route, at) =>
      at === save ? { ...route, note: `save ${save}` } : route,
    );
    await shunt.api("/api/config", "PUT", { ...document, routes });
    if (client) await ping(client);
  }
  loops.set("20 saves with 1,000 routes", await shunt.loop());
  client?.destroy();
  record(
    context,
    [...loops].map(([row, { p99Ms, maxMs }]) => `${row}: p99 ${ms(p99Ms)}, max ${ms(maxMs)}`).join("; "),
  );
  for (const [row, { p99Ms, maxMs }] of loops) {
    expect(p99Ms, row).toBeLessThanOrEqual(50);
    expect(maxMs, row).toBeLessThanOrEqual(250);
  }
});

async function firstListening({ ready }: ShuntProcess): Promise<number> {
  const found = ready.listeners.find(({ state }) => state === "listening");
  return Number(found?.listen.split(":").at(-1));
}
