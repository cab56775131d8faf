/** 1,000 real connections through a running engine by each policy, compared with the shares that it promises (see test/balance/shares.test.ts). */
import { expect, test } from "vitest";
import type { PoolConfig } from "../../app/contract/config.ts";
import type { SandboxOptions } from "../../app/sandbox/sandbox-handle.ts";
import { runSandbox } from "../sandbox/running-sandbox.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type TcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

const batches = 10;
const perBatch = 100;

interface Case {
  readonly pool: Partial<PoolConfig>;
  /** Connections that are open all the while, each batch being this much on top. */
  readonly open?: Readonly<Record<string, number>>;
  readonly loads?: SandboxOptions["loads"];
  /** Of 1,000, in the order of the members. */
  readonly expected: readonly number[];
  /** Each batch may be one off. */
  readonly off?: number;
  readonly why: RegExp;
}

/** Members a, b and c, which echo; their statistics, where asked for, are those of three sandbox instances. */
async function setUp({ pool, loads }: Case) {
  const members = new Map<string, TcpBackend>();
  for (const id of ["a", "b", "c"]) {
    const backend = await startTcpBackend({ onConnection: (socket) => socket.pipe(socket) });
    cleanUp(() => backend.close());
    members.set(id, backend);
  }
  const sandbox = loads && (await runSandbox({ instances: 3, loads, statisticsIntervalMs: 60_000 }));
  const admins = sandbox ? (await sandbox.handle.config()).backends.map(({ admin }) => admin) : [];
  const ports = { all: await freePort(), a: await freePort(), b: await freePort(), c: await freePort() };
  const running = await runEngine(
    {
      version: 1,
      backends: [...members].map(([id, { port }], at) => ({
        id,
        amps: `tcp://127.0.0.1:${port}`,
        ...(admins[at] && { admin: admins[at] }),
      })),
      pools: [{ id: "all", members: [...members.keys()], ...pool }],
      routes: Object.entries(ports).map(([target, listen]) => ({
        id: `to-${target}`,
        listen,
        transport: "amps",
        target,
        clients: "subscribers",
      })),
    },
    sandbox && { statistics: {} },
  );
  if (sandbox) await running.until(({ backends }) => backends.every(({ load }) => load));
  for (const backend of members.values()) backend.forget();
  return { ...running, members: [...members.values()], ports };
}

/** Opens connections at once; resolves when each has been answered by its member. */
async function openMany(port: number, count: number) {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const client = await connectTcp(port);
      client.socket.write(frame("{}"));
      await client.received(6);
      return client;
    }),
  );
}

test.each<[string, Case]>([
  ["primary", { pool: { balance: "primary" }, expected: [1000, 0, 0], why: /^primary$/ }],
  [
    "round-robin by weight",
    {
      pool: { balance: "round-robin", weights: { a: 5, b: 3, c: 2 } },
      expected: [500, 300, 200],
      why: /^round-robin$/,
    },
  ],
  [
    "least-connections, which makes up for what is open already",
    {
      pool: { balance: "least-connections" },
      open: { a: 20, b: 10 },
      expected: [233, 333, 434],
      off: batches,
      why: /^least-connections$/,
    },
  ],
  [
    "least-connections by weight",
    {
      pool: { balance: "least-connections", weights: { a: 2 } },
      expected: [500, 250, 250],
      off: batches,
      why: /^least-connections$/,
    },
  ],
  [
    "least-load of cpu, more where the processor is idle",
    {
      pool: { balance: "least-load" },
      loads: {
        "amps-a": { cpu: 0.54, memory: 0.5 },
        "amps-b": { cpu: 0.5, memory: 0.5 },
        "amps-c": { cpu: 0.46, memory: 0.5 },
      },
      expected: [293, 333, 374],
      off: batches,
      why: /^least-load \(cpu \d+ %(, \d+ placed since)?\)$/,
    },
  ],
])(
  "1,000 connections by %s",
  async (_policy, one) => {
    const { members, ports, snapshot, until: untilSnapshot } = await setUp(one);
    const held = Object.entries(one.open ?? {});
    let staying = 0;
    for (const [id, count] of held)
      staying += (await openMany(ports[id as keyof typeof ports], count)).length;
    const before = members.map(({ connections }) => connections.length);
    const whys = new Set<string>();
    for (let batch = 0; batch < batches; batch++) {
      const clients = await openMany(ports.all, perBatch);
      for (const { route, why } of (await snapshot()).connections)
        if (route === "to-all") whys.add(why ?? "");
      for (const { socket } of clients) socket.resetAndDestroy();
      await untilSnapshot(({ connections }) => connections.length === staying);
    }
    const shares = members.map(({ connections }, at) => connections.length - (before[at] ?? 0));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(batches * perBatch);
    for (const [at, share] of shares.entries())
      expect(Math.abs(share - (one.expected[at] ?? 0)), JSON.stringify(shares)).toBeLessThanOrEqual(
        one.off ?? 0,
      );
    expect([...whys].filter((why) => !one.why.test(why))).toEqual([]);
    expect(whys.size).toBeGreaterThan(0);
  },
  60_000,
);
