/** One kept connection of a browser that asks many routes: each has a leg of its own, and all end with it. */
import { Agent, get } from "node:http";
import { expect, test } from "vitest";
import { startHttpBackend, type Answering } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

test("thirty routes behind one kept connection: thirty legs, no listener too many, all ended with it", async () => {
  const warnings: string[] = [];
  const warn = (warning: Error) => void warnings.push(warning.message);
  process.on("warning", warn);
  cleanUp(() => void process.off("warning", warn));
  const http = await startHttpBackend();
  cleanUp(() => http.close());
  const port = await freePort();
  const ids = Array.from({ length: 30 }, (_, n) => `r${n}`);
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", admin: `http://127.0.0.1:${http.port}` }],
    routes: ids.map((id) => ({ id, listen: port, path: `/${id}`, target: "b" })),
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cleanUp(() => agent.destroy());
  const used = new Set<number>();
  for (const id of ids)
    await new Promise<void>((resolve, reject) => {
      const request = get({ agent, host: "127.0.0.1", port, path: `/${id}/amps` }, (answer) => {
        used.add(answer.socket.localPort ?? 0);
        answer.resume().on("end", resolve);
      });
      request.on("error", reject);
    });
  expect(used.size).toBe(1);
  expect((await running.snapshot()).connections).toHaveLength(30);
  expect(new Set(http.requests.map(({ connection }) => connection)).size).toBe(30);
  agent.destroy();
  await running.until(({ connections }) => connections.length === 0);
  // A warning is emitted in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});

test("a client that has said its last right behind its request still gets the answer, and then the end", async () => {
  const http = await startHttpBackend((_request, response) => {
    setTimeout(() => response.end("late"), 150);
  });
  cleanUp(() => http.close());
  const port = await freePort();
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", admin: `http://127.0.0.1:${http.port}` }],
    routes: [{ id: "r", listen: port, path: "/r", target: "b" }],
  });
  const client = await connectTcp(port);
  client.socket.end(Buffer.from(`GET /r/amps HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`));
  const text = (await client.whole()).toString("latin1");
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  expect(text).toMatch(/\r\n\r\n(?:4\r\n)?late/);
  expect(http.requests).toHaveLength(1);
  await running.until(({ connections }) => connections.length === 0);
});

test("two requests in one piece go over one connection, one after the other, though neither had one before", async () => {
  const { http, client, request } = await setUp((seen, response) => {
    setTimeout(() => response.end(`<${seen.target}>`), seen.target === "/1" ? 100 : 0);
  });
  client.socket.write(`${request("POST /r/1", "Content-Length: 3")}abc${request("GET /r/2")}`);
  await client.receivedText("</2>");
  expect(http.requests.map(({ target }) => target)).toEqual(["/1", "/2"]);
  expect(new Set(http.requests.map(({ connection }) => connection)).size).toBe(1);
});

/** A backend behind `/r`, and a client whose connection is kept. */
async function setUp(answer?: Answering) {
  const http = await startHttpBackend(answer);
  cleanUp(() => http.close());
  const port = await freePort();
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", admin: `http://127.0.0.1:${http.port}` }],
    routes: [{ id: "r", listen: port, path: "/r", target: "b" }],
  });
  const client = await connectTcp(port);
  const request = (line: string, ...lines: readonly string[]) =>
    `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${lines.map((one) => `${one}\r\n`).join("")}\r\n`;
  return { http, port, running, client, request };
}

test("a client that goes on with what only Node's parser reads keeps its connection to the backend", async () => {
  const { http, client, request } = await setUp((seen, response) => response.end(`<${seen.target}>`));
  client.socket.write(request("GET /r/1"));
  await client.receivedText("</1>");
  client.socket.write(request("HEAD /r/2"));
  await until(() => http.requests.length === 2);
  client.socket.write(request("GET /r/3"));
  await client.receivedText("</3>");
  client.socket.write(`${request("POST /r/4", "Content-Length: 3")}abc`);
  await client.receivedText("</4>");
  client.socket.write(request("GET /r/5"));
  await client.receivedText("</5>");
  expect(http.requests.map(({ method, target, body }) => `${method} ${target} ${body}`.trim())).toEqual([
    "GET /1",
    "HEAD /2",
    "GET /3",
    "POST /4 abc",
    "GET /5",
  ]);
  expect(new Set(http.requests.map(({ connection }) => connection)).size).toBe(1);
  client.socket.destroy();
});

test("a request that comes again byte for byte is judged again, and answered by whom its path leads to now", async () => {
  const { http, port, running, client, request } = await setUp((seen, response) => {
    response.end(`<${seen.target}:${http.requests.length}>`);
  });
  const other = await startHttpBackend((_seen, response) => response.end("<other>"));
  cleanUp(() => other.close());
  // Routes stay, wherever they lie: with a deleted one its clients go.
  const lead = (first: string, second: string, third: string) =>
    running.apply({
      version: 1,
      backends: [
        { id: "b", admin: `http://127.0.0.1:${http.port}` },
        { id: "other", admin: `http://127.0.0.1:${other.port}` },
      ],
      routes: [
        { id: "r", listen: port, path: first, target: "b" },
        { id: "second", listen: port, path: second, target: "other" },
        { id: "third", listen: port, path: third, target: "b", keepPrefix: true },
      ],
    });
  const same = request("GET /r/1");
  for (const answer of ["</1:1>", "</1:2>", "</1:3>"]) {
    client.socket.write(same);
    await client.receivedText(answer);
  }
  await lead("/x", "/r", "/y");
  client.socket.write(same);
  await client.receivedText("<other>");
  expect(other.requests[0]?.headers.host).toBe(`127.0.0.1:${other.port}`);
  await lead("/x", "/y", "/r");
  client.socket.write(same);
  await client.receivedText("</r/1:4>");
  await lead("/x", "/y", "/z");
  client.socket.write(same);
  expect((await client.whole()).toString()).toMatch(/HTTP\/1\.1 404 [^]*UNKNOWN_PATH/);
  expect(http.requests.map(({ target }) => target)).toEqual(["/1", "/1", "/1", "/r/1"]);
});

test("requests that do not wait for their answers are answered in turn", async () => {
  const { http, client, request } = await setUp((seen, response) => {
    setTimeout(() => response.end(`<${seen.target}>`), seen.target === "/1" ? 100 : 0);
  });
  client.socket.write(request("GET /r/1"));
  await until(() => http.requests.length === 1);
  client.socket.write(request("GET /r/2"));
  client.socket.write(request("GET /r/3") + request("GET /r/4", "Connection: close"));
  const text = (await client.whole()).toString();
  expect([...text.matchAll(/<.\d>/g)].join()).toBe("</1>,</2>,</3>,</4>");
  expect(http.requests).toHaveLength(4);
});

test.each<readonly [string, Answering]>([
  [
    "by length",
    (_seen, response) => void response.writeHead(200, { "Content-Length": big().length }).end(big()),
  ],
  [
    "in chunks",
    (_seen, response) => void (response.write(big().subarray(0, 1)), response.end(big().subarray(1))),
  ],
  [
    "until the connection ends",
    (_seen, response) => {
      response.socket?.end(Buffer.concat([Buffer.from("HTTP/1.0 200 OK\r\n\r\n"), big()]));
    },
  ],
])("a big answer %s waits for a client that does not read, and arrives whole", async (_name, answer) => {
  const { http, client, request, running } = await setUp(answer);
  client.socket.pause();
  client.socket.write(request("GET /r/big", "Connection: close"));
  await until(() => http.requests.length === 1);
  // What the system's buffers do not take stays with the backend: all of it is more than they and Shunt hold.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await running.route("r")).bytes.toClient).toBeLessThan(big().length);
  client.socket.resume();
  const whole = await client.whole();
  const body = whole.subarray(whole.indexOf("\r\n\r\n") + 4);
  if (whole.includes("chunked")) expect(body.length).toBeGreaterThan(big().length);
  else expect(body.equals(big())).toBe(true);
});

const big = (): Buffer => (made ??= Buffer.alloc(40_000_000, patternBytes(1_000_003, 14)));
let made: Buffer | null = null;

test("a backend that closes a kept connection is asked on a new one", async () => {
  const { http, client, request } = await setUp((seen, response) => {
    if (seen.target !== "/1") response.end(`<${seen.target}>`);
    else response.socket?.end("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n</1>");
  });
  for (const turn of [1, 2]) {
    client.socket.write(request("GET /r/1"));
    await until(() => client.bytes().toString().split("</1>").length === turn + 1);
  }
  client.socket.write(request("GET /r/2"));
  await client.receivedText("</2>");
  expect(new Set(http.requests.map(({ connection }) => connection)).size).toBe(3);
  client.socket.destroy();
});

test("what was asked on a connection that broke just then is asked again, unless it could change something", async () => {
  const asked = new Map<number, number>();
  const { http, client, request } = await setUp((seen, response) => {
    const count = (asked.get(seen.connection) ?? 0) + 1;
    asked.set(seen.connection, count);
    if (count === 1) response.end(`<${seen.target}>`);
    else response.socket?.resetAndDestroy();
  });
  client.socket.write(request("GET /r/1"));
  await client.receivedText("</1>");
  client.socket.write(request("GET /r/2"));
  await client.receivedText("</2>");
  client.socket.write(request("GET /r/amps/administrator/clients/1/disconnect"));
  expect((await client.whole()).toString()).toMatch(/HTTP\/1\.1 502 [^]*BACKEND_RESET/);
  expect(http.requests.map(({ target }) => target)).toEqual([
    "/1",
    "/2",
    "/2",
    "/amps/administrator/clients/1/disconnect",
  ]);
});

test("a kept connection that nothing is asked on ends with its listener", async () => {
  const { client, request, running } = await setUp();
  client.socket.write(request("GET /r/1"));
  await client.receivedText("hello");
  await running.apply({ version: 1, backends: [], routes: [] });
  expect(["end", "ECONNRESET"]).toContain(await client.ended);
});
