/** 500 mixed connections and a fault each second: nothing is stuck, wrong or left behind (reliability L7). */
import { connect } from "node:net";
import { expect, test } from "vitest";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { freePort } from "../support/free-port.ts";
import { startHttpBackend } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { startBackendProcess, type BackendProcess } from "./harness/backend-process.ts";
import { isNight, pause, record } from "./harness/figures.ts";
import { startShunt } from "./harness/shunt-process.ts";
import { startEchoClient, startHttpClient, type SoakClient } from "./harness/soak-clients.ts";

cleanUpAfterEach();

const lastsMs = isNight ? 3_600_000 : 60_000;
/** What a process needs to have seen everything once. */
const warmUpMs = isNight ? 600_000 : 20_000;
const sampleMs = isNight ? 60_000 : 10_000;
/** Nothing that a client left may be there for longer: twice the limit on heads. */
const mostStuckMs = 20_000;
const counts = { still: 200, shaken: 100, socket: 100, preflight: 50, web: 50 } as const;

const handshake = (port: number, path: string, token: string): string =>
  [
    `GET ${path}/amps/json HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    `Upgrade: ${token}`,
    ...(token === "websocket"
      ? ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
      : []),
    "",
    "",
  ].join("\r\n");

/** Of `[at in ms, value]`, by least squares; per hour. */
function slopePerHour(samples: readonly (readonly [number, number])[]): number {
  const mean = (pick: (one: readonly [number, number]) => number) =>
    samples.reduce((sum, one) => sum + pick(one), 0) / samples.length;
  const [x, y] = [mean(([at]) => at), mean(([, value]) => value)];
  const over = samples.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  const under = samples.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return under === 0 ? 0 : (over / under) * 3_600_000;
}

async function setUp() {
  const echo = await startBackendProcess("echo");
  const shakenPort = await freePort();
  const shaken = await startBackendProcess("echo", { port: shakenPort });
  const upgrade = await startBackendProcess("upgrade");
  const web = await startHttpBackend((request, response) => response.end(request.target));
  cleanUp(() => web.close());
  const [still, shake, shared] = [await freePort(), await freePort(), await freePort()];
  const document = {
    version: 1,
    backends: [
      { id: "still", replication: `tcp://127.0.0.1:${echo.port}` },
      { id: "shaken", replication: `tcp://127.0.0.1:${shakenPort}` },
      {
        id: "all",
        amps: `tcp://127.0.0.1:${echo.port}`,
        websocket: `ws://127.0.0.1:${upgrade.port}`,
        admin: `http://127.0.0.1:${web.port}`,
      },
    ],
    routes: [
      { id: "still", listen: `127.0.0.1:${still}`, transport: "replication", target: "still" },
      { id: "shaken", listen: `127.0.0.1:${shake}`, transport: "replication", target: "shaken" },
      { id: "shared", listen: `127.0.0.1:${shared}`, path: "/b", target: "all" },
    ],
  };
  const shunt = await startShunt(document);
  const clients: SoakClient[] = [];
  const add = (count: number, make: (number: number) => SoakClient): void => {
    for (let number = 0; number < count; number++) clients.push(make(number));
  };
  return { shunt, document, ports: { still, shake, shared, shakenPort }, shaken, clients, add };
}

type Soak = Awaited<ReturnType<typeof setUp>>;

/** What is done to it, one each second, in turns. Each says what it did; none waits for long. */
function faultsOf({ shunt, document, ports, clients, shaken: first }: Soak) {
  let shaken: BackendProcess = first;
  const some = (kind: string, count: number): readonly SoakClient[] => {
    const of = clients.filter((client) => client.kind === kind);
    const from = Math.floor(Math.random() * of.length);
    return [...of, ...of].slice(from, from + count);
  };
  const command = (name: string, argument: object) => shunt.api(`/api/commands/${name}`, "POST", argument);
  const enable = (enabled: boolean) => command("routes.enable", { ids: ["shaken"], enabled, graceMs: 0 });
  let save = 0;
  const steps: readonly (() => unknown)[] = [
    () => some("shaken", 10).forEach((client) => client.end("reset")),
    () => some("socket", 10).forEach((client) => client.end("reset")),
    () => some("socket", 10).forEach((client) => client.end("fin")),
    () => some("preflight", 10).forEach((client) => client.end("fin")),
    () => shaken.kill(),
    async () => (shaken = await startBackendProcess("echo", { port: ports.shakenPort })),
    () => shaken.signal("SIGSTOP"),
    () => some("shaken", 10).forEach((client) => client.end("fin")),
    () => shaken.signal("SIGCONT"),
    () => enable(false),
    () => enable(true),
    () =>
      shunt.api("/api/config", "PUT", {
        ...document,
        routes: document.routes.map((route) => ({ ...route, note: `save ${save++}` })),
      }),
    () => some("web", 10).forEach((client) => client.end("reset")),
    // A crowd that says nothing, one that says nonsense, and one that leaves in the middle of a head.
    () => crowd(ports.still, 30, ""),
    () => crowd(ports.shared, 30, "\u0000\u0001nonsense\r\n\r\n"),
    () => crowd(ports.shared, 30, "GET /b/x HTTP/1.1\r\nHost: 127."),
    () => shunt.signal("SIGSTOP"),
    () => shunt.signal("SIGCONT"),
  ];
  let at = 0;
  return async (): Promise<void> => {
    await steps[at++ % steps.length]?.();
  };
}

function crowd(port: number, count: number, text: string): void {
  for (let number = 0; number < count; number++) {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.on("connect", () => {
      socket.write(text === "" ? "x" : text);
      setTimeout(() => (number % 2 ? socket.destroy() : socket.resetAndDestroy()), 500);
    });
  }
}

/** What is bounded is full before its growth is looked at: the activity keeps 1,000 entries, which takes half an hour else. */
async function fillActivity({ shunt }: Soak): Promise<void> {
  const enable = (enabled: boolean) =>
    shunt.api("/api/commands/routes.enable", "POST", { ids: ["still", "shaken"], enabled, graceMs: 0 });
  const kept = async () =>
    ((await shunt.api("/api/commands/activity.list", "POST", null)) as { value: readonly unknown[] }).value
      .length;
  while ((await kept()) < 1_000) {
    await enable(false);
    await enable(true);
  }
}

test("L7: 500 mixed connections with a fault each second", async (context) => {
  const soak = await setUp();
  const { shunt, clients, add, ports } = soak;
  if (isNight) await fillActivity(soak);
  const baseFds = shunt.openFds();
  const { still, shake, shared } = ports;
  add(counts.still, (number) => startEchoClient({ kind: "still", port: still, number }));
  add(counts.shaken, (number) => startEchoClient({ kind: "shaken", port: shake, number }));
  const socket = handshake(shared, "/b", "websocket");
  add(counts.socket, (number) => startEchoClient({ kind: "socket", port: shared, number, upgrade: socket }));
  const preflight = handshake(shared, "/b", "tcp");
  add(counts.preflight, (number) =>
    startEchoClient({ kind: "preflight", port: shared, number, upgrade: preflight }),
  );
  add(counts.web, (number) => startHttpClient({ kind: "web", port: shared, number }));
  const fault = faultsOf(soak);
  const heap: { readonly atMs: number; readonly heapMb: number; readonly dataMb: number }[] = [];
  // By day the whole heap is enough, and seconds for snapshots would be the faults'.
  const sample = async () => (isNight ? shunt.heap() : { ...(await shunt.loop()), dataMb: 0 });
  const startedAt = performance.now();
  let faults = 0;
  let nextSampleMs = warmUpMs;
  for (let elapsedMs = 0; elapsedMs < lastsMs && shunt.isAlive(); elapsedMs = performance.now() - startedAt) {
    await fault();
    faults++;
    // Not while Shunt itself stands still: it could not answer.
    if (elapsedMs >= nextSampleMs && faults % 18 < 16) {
      heap.push({ atMs: elapsedMs, ...(await sample()) });
      nextSampleMs += sampleMs;
    }
    await pause(1_000);
  }
  shunt.signal("SIGCONT");
  await Promise.all(clients.map((client) => client.stop()));
  const stoppedAt = performance.now();
  const connections = async () => ((await shunt.api("/api/snapshot")) as Snapshot).connections.length;
  let left = await connections();
  while ((left > 0 || shunt.openFds() > baseFds + 5) && performance.now() - stoppedAt < mostStuckMs) {
    await pause(500);
    left = await connections();
  }
  const settledMs = performance.now() - stoppedAt;
  const sum = (kinds: readonly string[], pick: "right" | "wrong" | "lost") =>
    clients.filter(({ kind }) => kinds.includes(kind)).reduce((total, client) => total + client[pick], 0);
  const all = Object.keys(counts);
  const grownMb = (what: "heapMb" | "dataMb") =>
    (heap.at(-1)?.[what] ?? Number.NaN) - (heap[0]?.[what] ?? Number.NaN);
  const slope = slopePerHour(heap.map(({ atMs, dataMb }) => [atMs, dataMb]));
  record(
    context,
    `${clients.length} connections, ${faults} faults in ${Math.round(lastsMs / 60_000)} min: ${sum(all, "right")} answers right, ${sum(all, "wrong")} wrong, ${sum(["still"], "lost")} of the untouched lost, ${left} connections and ${Math.max(0, shunt.openFds() - baseFds)} fds left ${(settledMs / 1000).toFixed(1)} s after the end; heap ${grownMb("heapMb").toFixed(1)} MB over the first sample${isNight ? `, Shunt's own data in it ${grownMb("dataMb").toFixed(1)}, ${slope.toFixed(2)} MB/h` : ""}`,
  );
  expect(shunt.isAlive()).toBe(true);
  expect(sum(all, "wrong")).toBe(0);
  expect(sum(["still"], "lost")).toBe(0);
  for (const kind of all) expect(sum([kind], "right"), `${kind} talked`).toBeGreaterThan(0);
  expect(left).toBe(0);
  expect(shunt.openFds()).toBeLessThanOrEqual(baseFds + 5);
  if (isNight) expect(slope).toBeLessThanOrEqual(1);
  else expect(grownMb("heapMb")).toBeLessThanOrEqual(4);
});
