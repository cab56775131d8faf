/** Clients that hold an HTTP listener up: slow heads, slow bodies, silence (reliability 2.4). */
import { Agent, get as httpGet } from "node:http";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startHttpBackend } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { pause, percentile, record } from "./harness/figures.ts";
import { startShunt } from "./harness/shunt-process.ts";

cleanUpAfterEach();

/** What a kind of attacker sends first, and then a byte of every second; null: nothing at all. */
const kinds = {
  "slow heads": { first: "GET /b/x HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX: ", limitMs: 10_000 },
  "slow bodies": {
    first: "POST /b/x HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 100000\r\n\r\n",
    limitMs: 60_000,
  },
  silence: { first: null, limitMs: 10_000 },
} as const;

const each = 333;
/** The limits are checked each second, and this machine has other things to do. */
const lateMs = 3_000;

function attack(port: number, first: string | null, number: number): Promise<number> {
  return new Promise((resolve) => {
    const from = performance.now();
    const socket: Socket = connect({ port, host: "127.0.0.1", localAddress: `127.0.0.${2 + (number % 8)}` });
    let dripping: NodeJS.Timeout | null = null;
    socket.on("connect", () => {
      if (first === null) return;
      socket.write(first.replaceAll("{port}", String(port)));
      dripping = setInterval(() => socket.write("y"), 1_000);
    });
    socket.on("error", () => undefined);
    socket.resume();
    socket.on("close", () => {
      if (dripping) clearInterval(dripping);
      resolve(performance.now() - from);
    });
  });
}

function ask(port: number, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    httpGet({ port, host: "127.0.0.1", path: "/b/x", agent }, (answer) => {
      answer.resume();
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(performance.now() - from);
        else reject(new Error(`status ${answer.statusCode}`));
      });
    }).on("error", reject);
  });
}

test("B4: 999 slow and silent clients are closed in time, and honest ones never notice", async (context) => {
  const backend = await startHttpBackend();
  cleanUp(() => backend.close());
  const port = await freePort();
  const shunt = await startShunt({
    version: 1,
    backends: [{ id: "b", admin: `http://127.0.0.1:${backend.port}` }],
    routes: [{ id: "r", listen: `127.0.0.1:${port}`, path: "/b", target: "b" }],
  });
  const before = shunt.openFds();
  const running = Object.entries(kinds).map(async ([kind, { first, limitMs }]) => {
    const took = await Promise.all(Array.from({ length: each }, (_, number) => attack(port, first, number)));
    return { kind, limitMs, slowest: Math.max(...took), first: Math.min(...took) };
  });
  let over = false;
  const attacked = Promise.all(running).finally(() => (over = true));
  // Opening so many at once costs both processes; what is looked at is what holding them costs.
  await pause(2_000);
  const kept = new Agent({ keepAlive: true });
  const fresh = new Agent({ keepAlive: false });
  const took: number[] = [];
  while (!over) {
    took.push(await ask(port, kept), await ask(port, fresh));
    await pause(50);
  }
  kept.destroy();
  const kindsEnded = await attacked;
  const p99 = percentile(took, 0.99);
  for (let left = 30; left > 0 && shunt.openFds() > before + 2; left--) await pause(100);
  const told = kindsEnded.map(
    ({ kind, first, slowest }) =>
      `${each} ${kind} closed after ${(first / 1000).toFixed(1)} to ${(slowest / 1000).toFixed(1)} s`,
  );
  record(
    context,
    `${told.join(", ")}; ${took.length} honest requests, p99 ${p99.toFixed(1)} ms; ${Math.max(0, shunt.openFds() - before)} fds over`,
  );
  for (const { kind, limitMs, slowest } of kindsEnded)
    expect(slowest, kind).toBeLessThanOrEqual(limitMs + lateMs);
  expect(p99).toBeLessThanOrEqual(50);
  expect(backend.requests.filter(({ method }) => method === "POST")).toEqual([]);
  expect(shunt.openFds()).toBeLessThanOrEqual(before + 2);
});
