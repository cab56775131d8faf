/** Reading statistics from real endpoints: a sandbox, and servers that hang, lie, ask for a login or break off. */
import { afterEach, expect, test } from "vitest";
import type { BackendConfig } from "../../app/contract/config.ts";
import { createDial } from "../../app/forward/dial.ts";
import { openSocket } from "../../app/forward/open-tcp.ts";
import type { StatisticsSample } from "../../app/statistics/sample.ts";
import { StatisticsWatch, type StatisticsWatchOptions } from "../../app/statistics/statistics-watch.ts";
import { allLinked, runSandbox, until as untilStatus } from "../sandbox/running-sandbox.ts";
import { startHttpBackend } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";

cleanUpAfterEach();

const watches: StatisticsWatch[] = [];
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
});

function watch(port: number, options: Partial<StatisticsWatchOptions> = {}) {
  const samples: { backend: string; sample: StatisticsSample; atMs: number }[] = [];
  const failures: string[] = [];
  const backend: BackendConfig = { id: "b", admin: `http://127.0.0.1:${port}` };
  const watching = new StatisticsWatch({
    dial: createDial((address, _via, options = {}) => openSocket(address, options)),
    onSample: (id, sample) => samples.push({ backend: id, sample, atMs: performance.now() }),
    onFailed: (_id, reason) => failures.push(reason),
    shortestIntervalMs: 50,
    ...options,
  });
  watches.push(watching);
  watching.update([backend]);
  return { watching, samples, failures, backend };
}

test("a sandbox instance tells its load, its run, its interval and its links", async () => {
  const { handle, a } = await runSandbox({
    loads: { "amps-a": { cpu: 0.25, memory: 0.5 } },
    statisticsIntervalMs: 100,
  });
  await untilStatus(handle, allLinked);
  const { samples, watching } = watch(a.ports.admin);
  const { sample } = await until(() => samples.find((one) => one.sample.links?.[0]?.connected === true));
  expect(sample).toMatchObject({
    name: "amps-a",
    intervalMs: 100,
    links: [
      { destinationName: "amps-b", type: "sync", connected: true, secondsBehind: 0, typeAtConnect: "sync" },
    ],
    linksReason: null,
  });
  expect(sample.run?.pid).toBeGreaterThan(0);
  expect(sample.run?.uptimeMs).toBeGreaterThanOrEqual(0);
  expect(sample.stamp).toMatch(/^\d{8}T\d{6}/);
  expect(watching.status("b")?.load).toMatchObject({ clients: 0 });
  expect(watching.status("b")?.load?.cpu).toBeCloseTo(0.25);
  expect(watching.status("b")?.load?.memory).toBeCloseTo(0.5, 2);
});

test("it is read at its own interval and never faster, whatever it says", async () => {
  const { a } = await runSandbox({ statisticsIntervalMs: 200 });
  const { samples } = watch(a.ports.admin);
  await until(() => samples.length >= 4);
  const gaps = samples.slice(1).map(({ sample }, at) => sample.atMs - (samples[at]?.sample.atMs ?? 0));
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(199);
  const greedy = await runSandbox({ statisticsIntervalMs: 20 });
  const limited = watch(greedy.a.ports.admin, { shortestIntervalMs: 150 });
  await until(() => limited.samples.length >= 3);
  const [first, , third] = limited.samples;
  expect((third?.sample.atMs ?? 0) - (first?.sample.atMs ?? 0)).toBeGreaterThanOrEqual(299);
});

const answers: Record<string, string> = {
  pid: '{"amps":{"instance":{"pid":7}}}',
  name: '{"amps":{"instance":[{"name":"x"}]}}',
  uptime: '{"amps":{"instance":{"uptime":"00:00:05.000000"}}}',
  timestamp: '{"amps":{"instance":{"timestamp":"20250101T000000.0Z"}}}',
  interval: '{"amps":{"instance":{"statistics":{"interval":100}}}}',
  replication: '{"amps":{"instance":{"replication":""}}}',
};

/** Answers like AMPS but for what `over` gives; a function may do with the response what it likes. */
async function liar(over: Record<string, string> = {}) {
  const server = await startHttpBackend((request, response) => {
    const name = /(\w+)\.json$/.exec(request.target)?.[1] ?? "";
    const body = over[name] ?? answers[name];
    if (body === undefined) return void response.writeHead(404).end();
    response.end(body);
  });
  cleanUp(() => server.close());
  return server;
}

test("a plain server with numbers for strings and fields missing gives what it has", async () => {
  const server = await liar();
  const { samples } = watch(server.port);
  await until(() => samples.length > 0);
  expect(samples[0]?.sample).toMatchObject({
    run: { pid: 7, uptimeMs: 5_000 },
    links: [],
    load: { cpu: null, memory: null, clients: null },
  });
  expect(
    server.requests.every(({ method, target }) => method === "GET" && !target.includes("administrator")),
  ).toBe(true);
});

test.each([
  ["half a document", '{"amps":{"instance":{"replication":[{"destina', "is not JSON"],
  ["a page", "<html>Galvanometer</html>", "is not JSON"],
  ["somebody else's JSON", '{"status":"ok"}', "cannot be understood"],
  ["rows that are no rows", '{"amps":{"instance":{"replication":[1,2]}}}', "cannot be understood"],
])("links given as %s are not known, and the rest is", async (_what, replication, reason) => {
  const server = await liar({ replication });
  const { samples } = watch(server.port);
  await until(() => samples.length > 0);
  expect(samples[0]?.sample).toMatchObject({
    links: null,
    linksReason: expect.stringContaining(reason),
    run: { pid: 7 },
  });
});

test("an instance that restarts while it is read has no run, so that nothing is taken for one sample", async () => {
  let asked = 0;
  const server = await startHttpBackend((request, response) => {
    const name = /(\w+)\.json$/.exec(request.target)?.[1] ?? "";
    response.end(name === "pid" ? `{"amps":{"instance":{"pid":${++asked}}}}` : (answers[name] ?? "{}"));
  });
  cleanUp(() => server.close());
  const { samples } = watch(server.port);
  await until(() => samples.length > 0);
  expect(samples[0]?.sample.run).toBeNull();
});

test.each([
  ["a login", "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "ask for a login (401)"],
  ["pages", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>", "is not JSON"],
  ["another protocol", "\u0000\u0000\u0000\u0011{}", "was not answered in HTTP"],
  ["nothing", "", "not answered in HTTP"],
])("a server that answers with %s has no statistics, and says why", async (_what, answer, reason) => {
  const server = await startTcpBackend({
    onConnection: (socket) => socket.once("data", () => socket.end(answer)),
  });
  cleanUp(() => server.close());
  const { failures, samples, watching } = watch(server.port);
  await until(() => failures.length > 0);
  expect(failures[0]).toContain(reason);
  expect(samples).toEqual([]);
  expect(watching.status("b")).toMatchObject({ load: null, reason: failures[0] });
});

test("a server that accepts and says nothing costs one time-out, and is let go of", async () => {
  const server = await startTcpBackend();
  cleanUp(() => server.close());
  const { failures } = watch(server.port, { timeoutMs: 200 });
  await until(() => failures.length > 0);
  expect(failures[0]).toBe("The statistics were not answered within 0.2 s.");
  const connection = await server.connection(0);
  expect(await connection.ended).toMatch(/end|close|ECONNRESET/);
  expect(server.connections).toHaveLength(1);
});

test("an answer without an end is broken off where it has grown too large", async () => {
  const server = await startTcpBackend({
    onConnection: (socket) =>
      socket.once("data", () => {
        socket.on("error", () => undefined);
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        const more = () => {
          while (socket.writable && socket.write(Buffer.alloc(1 << 20, 0x20)));
        };
        socket.on("drain", more);
        more();
      }),
  });
  cleanUp(() => server.close());
  const { failures } = watch(server.port);
  await until(() => failures.length > 0);
  expect(server.totals().sent).toBeLessThan(256 << 20);
});

test("nobody is asked about a backend that is gone, and what was being asked is given up", async () => {
  const server = await startTcpBackend();
  cleanUp(() => server.close());
  const { watching, failures, samples } = watch(server.port);
  const connection = await server.connection(0);
  watching.update([]);
  expect(await connection.ended).toMatch(/end|close|ECONNRESET/);
  expect(watching.status("b")).toBeNull();
  expect([...failures, ...samples]).toEqual([]);
});

test("a backend that is away is asked again when its time comes", async () => {
  const port = await freePort();
  const { failures } = watch(port);
  await until(() => failures.length > 0);
  expect(failures[0]).toContain("refused the connection");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(failures).toHaveLength(1);
});
