/** Path routes: three kinds of traffic under one prefix, one reading of every request, and nothing let in that should not be. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { startHttpBackend, type Answering } from "../support/http-backend.ts";
import { exchange, get, readAnswer } from "../support/raw-http.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type TcpBackendOptions } from "../support/tcp-backend.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

interface SetUp {
  readonly admin?: Answering;
  readonly websocket?: TcpBackendOptions;
  readonly amps?: TcpBackendOptions;
  readonly route?: object;
  readonly backend?: object;
  readonly more?: readonly object[];
}

/** One backend with all three endpoints behind `/prod-1`, and further routes where asked. */
async function setUp({ admin, websocket, amps, route = {}, backend = {}, more = [] }: SetUp = {}) {
  const http = await startHttpBackend(admin);
  const ws = await startTcpBackend(websocket);
  const tcp = await startTcpBackend(amps);
  for (const server of [http, ws, tcp]) cleanUp(() => server.close());
  const port = await freePort();
  const running = await runEngine({
    version: 1,
    backends: [
      {
        id: "prod-1",
        admin: `http://127.0.0.1:${http.port}`,
        websocket: `ws://127.0.0.1:${ws.port}`,
        amps: `tcp://127.0.0.1:${tcp.port}`,
        ...backend,
      },
    ],
    routes: [
      { id: "p1", listen: port, path: "/prod-1", target: "prod-1", ...route },
      ...more.map((one) => ({ listen: port, target: "prod-1", ...one })),
    ],
  });
  ws.forget();
  tcp.forget();
  return { ...running, http, ws, tcp, port };
}

describe("matching", () => {
  const more = [
    { id: "deep", path: "/prod-1/deep" },
    { id: "other", path: "/prod-10" },
  ];

  test.each([
    ["/prod-1/", "/"],
    ["/prod-1/amps/host.json?x=1&y=%2F", "/amps/host.json?x=1&y=%2F"],
    ["/prod-1//double", "//double"],
    ["/prod-1/deeper", "/deeper"],
    ["/prod-1/deep/", "/"],
    ["/prod-1/deep/x", "/x"],
    ["/prod-10/x", "/x"],
    ["/prod-1/caf%C3%A9%20x", "/caf%C3%A9%20x"],
  ])("%s goes to the backend as %s", async (target, expected) => {
    const { port, http } = await setUp({ more });
    expect(await exchange(port, get(target))).toMatchObject({
      status: 200,
      body: expect.stringContaining("hello"),
    });
    expect(http.requests.map((request) => request.target)).toEqual([expected]);
  });

  test("a prefix without its slash is redirected, query kept", async () => {
    const { port } = await setUp();
    const answer = await exchange(port, get("/prod-1?a=b"));
    expect(answer.status).toBe(308);
    expect(answer.headers).toContain("Location: /prod-1/?a=b");
  });

  test("an unknown path is a 404 that lists the known prefixes, and is counted", async () => {
    const { port, http, route } = await setUp({ more });
    const answer = await exchange(port, get("/prod-2/x"));
    expect(answer.status).toBe(404);
    for (const prefix of ["/prod-1/", "/prod-1/deep/", "/prod-10/"])
      expect(answer.body).toContain(`href="${prefix}"`);
    expect(http.requests).toEqual([]);
    expect((await route("p1")).connections.refused).toBe(1);
  });

  test("the prefix is kept where the route says so", async () => {
    const { port, http } = await setUp({ route: { keepPrefix: true } });
    await exchange(port, get("/prod-1/amps"));
    expect(http.requests[0]?.target).toBe("/prod-1/amps");
  });

  test("a route by Host name has an origin of its own, no prefix, and beats the path routes", async () => {
    const { port, http } = await setUp({
      route: { path: undefined, host: "prod-1.localhost" },
      more: [{ id: "any", path: "/x" }],
    });
    const answer = await exchange(
      port,
      get("/x/amps").replace("127.0.0.1:{port}", "prod-1.localhost:{port}"),
    );
    expect(answer.status).toBe(200);
    expect(http.requests[0]?.target).toBe("/x/amps");
  });
});

describe("refused with 400, and the backend sees nothing", () => {
  const heads: readonly (readonly [string, string])[] = [
    ["dot segments", get("/prod-1/../x")],
    ["encoded dots", get("/prod-1/%2e%2e/x")],
    ["an encoded slash", get("/prod-1/a%2fb")],
    ["an encoded backslash", get("/prod-1/a%5Cb")],
    ["a backslash", get("/prod-1\\x")],
    ["NUL", get("/prod-1/%00")],
    ["a line break", get("/prod-1/%0d%0aX:y")],
    ["a fragment", get("/prod-1/#x")],
    ["two slashes first", get("//prod-1/")],
    ["an absolute target", get("http://127.0.0.1/prod-1/")],
    ["an asterisk", get("*")],
    ["two Host headers", get("/prod-1/", ["Host: evil.example"])],
    ["an empty Host", get("/prod-1/").replace("127.0.0.1:{port}", "")],
    ["a Host with a path", get("/prod-1/").replace("127.0.0.1:{port}", "x/../y")],
    ["a Host with user information", get("/prod-1/").replace("127.0.0.1", "user@127.0.0.1")],
    ["length and chunks", get("/prod-1/", ["Content-Length: 3", "Transfer-Encoding: chunked"])],
    ["two lengths", get("/prod-1/", ["Content-Length: 3", "Content-Length: 4"])],
    ["a bare line feed", "GET /prod-1/ HTTP/1.1\nHost: 127.0.0.1\n\n"],
    ["no request at all", "\u0000\u0001\u0002\u0003garbage\r\n\r\n"],
    ["an AMPS frame", '\u0000\u0000\u0000\u0011{"c":"heartbeat"}\r\n\r\n'],
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["CONNECT", "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"],
    [
      "chunks in HTTP/1.0",
      "POST /prod-1/ HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["h2c", get("/prod-1/", ["Upgrade: h2c"]).replace("Connection: close", "Connection: Upgrade")],
    [
      "an upgrade with a body",
      get("/prod-1/", ["Upgrade: tcp", "Content-Length: 3"]).replace(
        "Connection: close",
        "Connection: Upgrade",
      ),
    ],
    [
      "an upgrade by POST",
      get("/prod-1/", ["Upgrade: tcp"])
        .replace("Connection: close", "Connection: Upgrade")
        .replace("GET", "POST"),
    ],
  ];

  test.each(heads)("%s", async (_name, head) => {
    const { port, http, ws, tcp, route } = await setUp();
    for (const pieces of [[head], head.split(/(?<=\r\n)/), [...head]]) {
      const answer = await exchange(
        port,
        head,
        pieces.length > 200 ? [head.slice(0, 9), head.slice(9)] : pieces,
      );
      expect(answer.status).toBe(400);
    }
    expect(http.requests).toEqual([]);
    expect(ws.totals().received + tcp.totals().received).toBe(0);
    expect((await route("p1")).connections.open).toBe(0);
  });

  test("more than 100 header lines, or more than 16 KB of them, are 431", async () => {
    const { port, http } = await setUp();
    const lines = Array.from({ length: 1_100 }, (_, at) => `X-${at}: y`);
    expect((await exchange(port, get("/prod-1/", lines))).status).toBe(431);
    expect((await exchange(port, get("/prod-1/", [`X: ${"y".repeat(17_000)}`]))).status).toBe(431);
    expect(http.requests).toEqual([]);
  });
});

describe("names, origins and reading only", () => {
  test.each([
    "evil.example:{port}",
    "localhost.evil.com:{port}",
    "127.0.0.1.evil.com:{port}",
    "127.1:{port}",
    "0x7f.1:{port}",
    "2130706433:{port}",
    "127.0.0.1:1",
    "127.0.0.1",
    "localhost.:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "prod-1.localhost:{port}",
  ])("Host %s is not the listener's, and refused", async (host) => {
    const { port, http } = await setUp();
    const answer = await exchange(port, get("/prod-1/").replace("127.0.0.1:{port}", host));
    expect([400, 421]).toContain(answer.status);
    expect(http.requests).toEqual([]);
  });

  test.each(["localhost:{port}", "[::1]:{port}", "LOCALHOST:{port}", "desk.example.com:{port}"])(
    "Host %s is accepted",
    async (host) => {
      const { port } = await setUp({ route: { hosts: ["desk.example.com"] } });
      expect((await exchange(port, get("/prod-1/").replace("127.0.0.1:{port}", host))).status).toBe(200);
    },
  );

  test.each([
    ["a foreign Origin", "/prod-1/amps", ["Origin: https://evil.example"], 403],
    ["Origin: null", "/prod-1/amps", ["Origin: null"], 403],
    [
      "a cross-site image",
      "/prod-1/amps/instance.json",
      ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"],
      403,
    ],
    [
      "a cross-site link to an action",
      "/prod-1/amps/administrator/clients/1/disconnect",
      ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"],
      403,
    ],
    [
      "a cross-site link to a page",
      "/prod-1/",
      ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"],
      200,
    ],
    [
      "the page's own script",
      "/prod-1/amps/administrator/clients/1/disconnect",
      ["Sec-Fetch-Site: same-origin"],
      200,
    ],
    ["a loopback page", "/prod-1/amps", ["Origin: http://localhost:3000"], 200],
    ["an origin of the route's list", "/prod-1/amps", ["Origin: https://desk.example.com"], 200],
  ])("%s", async (_name, target, headers, status) => {
    const { port, http } = await setUp({ route: { origins: ["https://desk.example.com"] } });
    expect((await exchange(port, get(target, headers))).status).toBe(status);
    expect(http.requests).toHaveLength(status === 200 ? 1 : 0);
  });

  test.each([
    ["prod by default", { environment: "prod" }, 403],
    ["read-only by choice", { adminAccess: "read-only" }, 403],
    ["prod with full access", { environment: "prod", adminAccess: "full" }, 200],
    ["elsewhere", { environment: "uat" }, 200],
  ])("administrative actions on a backend that is %s", async (_name, backend, status) => {
    const { port, http } = await setUp({ backend });
    for (const target of [
      "/prod-1/amps/administrator/clients/1/disconnect",
      "/prod-1/AMPS/Administrator/diagnostics/minidump",
      "/prod-1/amps//administrator/replication/x/downgrade",
      "/prod-1/amps/instance/replication/x/downgrade",
    ]) {
      expect((await exchange(port, get(target))).status).toBe(status);
    }
    expect(http.requests).toHaveLength(status === 200 ? 4 : 0);
    expect((await exchange(port, get("/prod-1/amps/instance/clients.json"))).status).toBe(200);
  });
});

/** Heads that come whole are read at a glance, others by Node's parser: each has a way of its own to the backend. */
describe.each([
  ["read at a glance", (text: string) => [text]],
  ["read by Node's parser", (text: string) => [text.slice(0, 9), text.slice(9)]],
])("admin traffic, %s", (_way, cut) => {
  const ask = (port: number, text: string) => exchange(port, text, cut(text));

  test("carries the guide's forwarding headers, and none that the client made up", async () => {
    const { port, http } = await setUp();
    await exchange(
      port,
      get("/prod-1/amps", [
        "X-Forwarded-For: 6.6.6.6",
        "x-forwarded-prefix: /evil",
        "Proxy-Authorization: Basic x",
      ]),
    );
    const [seen] = http.requests;
    expect(seen?.headers).toMatchObject({
      host: `127.0.0.1:${http.port}`,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": `127.0.0.1:${port}`,
      "x-forwarded-server": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-prefix": "/prod-1",
    });
    expect(seen?.headers["proxy-authorization"]).toBeUndefined();
  });

  test("puts the prefix back into redirects and cookie paths, and leaves the rest of the answer as it is", async () => {
    const { port } = await setUp({
      admin: (seen, response) => {
        response.writeHead(
          302,
          "Moved About",
          [
            ["Location", "/amps/"],
            ["Set-Cookie", "a=1; Path=/; HttpOnly"],
            ["Set-Cookie", "b=2; path=/amps; Expires=Thu, 01 Jan 2026 00:00:00 GMT"],
            ["X-Own", seen.target],
            ["Content-Length", "2"],
          ].flat(),
        );
        response.end("ok");
      },
    });
    const answer = await ask(port, get("/prod-1/x"));
    expect(answer).toMatchObject({ status: 302, body: "ok" });
    expect(answer.headers).toEqual(
      expect.arrayContaining([
        "Location: /prod-1/amps/",
        "Set-Cookie: a=1; Path=/prod-1/; HttpOnly",
        "Set-Cookie: b=2; path=/prod-1/amps; Expires=Thu, 01 Jan 2026 00:00:00 GMT",
        "X-Own: /x",
      ]),
    );
  });

  test("a chunked body passes unaltered, also with DELETE, and an empty POST stays empty", async () => {
    const { port, http } = await setUp();
    const chunked = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n";
    await ask(port, get("/prod-1/a", ["Transfer-Encoding: chunked"]).replace("GET", "DELETE") + chunked);
    await ask(port, get("/prod-1/b", ["Content-Length: 3"]).replace("GET", "PUT") + "abc");
    await ask(port, get("/prod-1/c").replace("GET", "POST"));
    expect(http.requests.map(({ method, body }) => [method, body])).toEqual([
      ["DELETE", "hello world"],
      ["PUT", "abc"],
      ["POST", ""],
    ]);
  });

  test("one client connection has one backend connection, which ends with it and is never shared", async () => {
    const { port, http, until: untilSnapshot } = await setUp();
    const keepAlive = get("/prod-1/1").replace("Connection: close\r\n", "").replace("{port}", String(port));
    const [one, two] = [await connectTcp(port), await connectTcp(port)];
    for (const client of [one, two]) {
      for (let round = 0; round < 3; round++) {
        client.socket.write(keepAlive);
        await until(() => client.bytes().toString().split("hello").length === round + 2);
      }
    }
    const connections = http.requests.map((request) => request.connection);
    expect(new Set(connections).size).toBe(2);
    expect(new Set(connections.slice(0, 3)).size).toBe(1);
    expect((await untilSnapshot((now) => now.connections.length === 2 && now)).connections[0]).toMatchObject({
      kind: "admin",
      backend: "prod-1",
    });
    one.socket.destroy();
    two.socket.destroy();
    await untilSnapshot((now) => now.connections.length === 0);
  });

  test("a short answer never looks whole", async () => {
    const { port } = await setUp({
      admin: (_seen, response) => {
        response.writeHead(200, { "Content-Length": 1000 });
        response.write("half");
        setTimeout(() => response.destroy(), 20);
      },
    });
    const client = await connectTcp(port);
    client.socket.write(get("/prod-1/x").replace("{port}", String(port)));
    const text = (await client.whole()).toString();
    expect(text).toContain("half");
    expect(readAnswer(text).headers).toContain("Content-Length: 1000");
    expect(text.length).toBeLessThan(1_000);
    expect(await client.ended).toBe("ECONNRESET");
  });

  test("a backend that is away is a 502 that says so, and that does not speak HTTP too", async () => {
    const { port } = await setUp({ backend: { admin: `http://127.0.0.1:${await freePort()}` } });
    const answer = await ask(port, get("/prod-1/"));
    expect(answer).toMatchObject({ status: 502, body: expect.stringContaining("refused the connection") });
    expect(answer.headers).toContain("X-Shunt-Error: CONNECT_REFUSED");
    const babble = await startTcpBackend({ onConnection: (socket) => socket.end("no http here\r\n\r\n") });
    cleanUp(() => babble.close());
    const other = await setUp({ backend: { admin: `http://127.0.0.1:${babble.port}` } });
    expect(await ask(other.port, get("/prod-1/"))).toMatchObject({
      status: 502,
      body: expect.stringContaining("did not answer in HTTP"),
    });
  });

  test("figures equal what the backend counted", async () => {
    const { port, http, route } = await setUp({
      admin: (_seen, response) => response.end(patternBytes(300_000)),
    });
    await ask(port, get("/prod-1/big"));
    expect(http.requests).toHaveLength(1);
    const status = await until(async () => {
      const now = await route("p1");
      return now.connections.open === 0 && now.bytes.toClient > 0 && now;
    });
    expect(status.connections).toMatchObject({ open: 0, total: 1 });
    expect(status.bytes.toClient).toBeGreaterThan(300_000);
    expect(status.bytes.toClient).toBeLessThan(301_000);
  });
});

describe("upgrades", () => {
  const upgrade = (token: string, extra: readonly string[] = []) =>
    get("/prod-1/amps/json", [`Upgrade: ${token}`, ...extra]).replace(
      "Connection: close",
      "Connection: Upgrade",
    );
  const webSocket = upgrade("websocket", [
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
  ]);
  const switching =
    "HTTP/1.1 101 Web Socket Protocol Handshake\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\nX-Own: 1\r\n\r\n";

  test("bytes behind both heads are delivered first and once, and the 101 is the backend's own", async () => {
    const up = patternBytes(3_000_000, 11);
    const down = patternBytes(3_000_000, 12);
    const { port, ws } = await setUp({
      websocket: {
        onConnection: (socket) =>
          socket.once("data", () => socket.write(Buffer.concat([Buffer.from(switching), down]))),
      },
    });
    const client = await connectTcp(port);
    client.socket.write(Buffer.concat([Buffer.from(webSocket.replace("{port}", String(port))), up]));
    const all = await client.received(switching.length + down.length);
    expect(all.subarray(0, switching.length).toString()).toBe(switching);
    expect(all.subarray(switching.length).equals(down)).toBe(true);
    const far = await ws.connection(0);
    const head = await until(
      () => far.bytes().indexOf("\r\n\r\n") > 0 && far.bytes().indexOf("\r\n\r\n") + 4,
    );
    const arrived = await far.received(head + up.length);
    expect(createHash("sha256").update(arrived.subarray(head)).digest("hex")).toBe(
      createHash("sha256").update(up).digest("hex"),
    );
    expect(arrived.subarray(0, head).toString()).toMatch(/^GET \/amps\/json HTTP\/1\.1\r\n/);
  });

  test("half-close and reset pass through an upgraded connection", async () => {
    const { port, ws } = await setUp({
      websocket: { onConnection: (socket) => socket.once("data", () => socket.write(switching)) },
    });
    const first = await connectTcp(port);
    first.socket.write(webSocket.replace("{port}", String(port)));
    await first.receivedText("\r\n\r\n");
    first.socket.end();
    const far = await ws.connection(0);
    expect(await far.ended).toBe("end");
    far.socket.end("late");
    expect((await first.whole()).toString()).toBe(`${switching}late`);
    const second = await connectTcp(port);
    second.socket.write(webSocket.replace("{port}", String(port)));
    await second.receivedText("\r\n\r\n");
    (await ws.connection(1)).socket.resetAndDestroy();
    expect(await second.ended).toBe("ECONNRESET");
  });

  test("a client that resets right behind the 101 brings nothing down", async () => {
    const {
      port,
      ws,
      until: untilSnapshot,
    } = await setUp({
      websocket: { onConnection: (socket) => socket.once("data", () => socket.write(switching)) },
    });
    for (let attempt = 0; attempt < 30; attempt++) {
      const client = await connectTcp(port);
      client.socket.write(webSocket.replace("{port}", String(port)));
      if (attempt % 2 === 0) await client.receivedText("101");
      client.socket.resetAndDestroy();
    }
    await untilSnapshot((now) => now.connections.length === 0);
    await until(() => ws.connections.every(({ socket }) => socket.destroyed || socket.readableEnded));
    expect((await exchange(port, get("/prod-1/"))).status).toBe(200);
  });

  test("a backend's refusal reaches the client whole and ends the connection", async () => {
    const { port, ws, activity } = await setUp({
      websocket: {
        onConnection: (socket) =>
          socket.once("data", () =>
            socket.write(
              'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 6\r\n\r\nno way',
            ),
          ),
      },
    });
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    const answer = readAnswer((await client.whole()).toString());
    expect(answer).toMatchObject({ status: 401, body: "no way" });
    expect(answer.headers).toEqual(
      expect.arrayContaining(['WWW-Authenticate: Basic realm="x"', "Connection: close"]),
    );
    expect((await activity()).map((entry) => entry.message)).toContain(
      "prod-1 answered an upgrade with 401 Unauthorized.",
    );
    client.socket.write(get("/prod-1/amps/administrator"));
    await until(() => ws.connections[0]?.socket.readableEnded === true);
    expect((await ws.connection(0)).bytes().toString()).not.toContain("administrator");
  });

  test.each([
    ["by length", "Content-Length: 40000000\r\n\r\n", (body: Buffer) => body],
    [
      "in chunks",
      "Transfer-Encoding: chunked\r\n\r\n",
      (body: Buffer) => Buffer.concat([Buffer.from("2625a00\r\n"), body, Buffer.from("\r\n0\r\n\r\n")]),
    ],
  ])("the body of a refusal %s waits for a client that does not read", async (_name, framing, framed) => {
    const body = framed(Buffer.alloc(40_000_000, patternBytes(1_000_003, 13)));
    const { port, ws } = await setUp({
      websocket: {
        onConnection: (socket) =>
          socket.once("data", () =>
            socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 403 No\r\n${framing}`), body])),
          ),
      },
    });
    const client = await connectTcp(port);
    client.socket.pause();
    client.socket.write(webSocket.replace("{port}", String(port)));
    const far = await ws.connection(0);
    // What the system's buffers do not take stays with the backend.
    const before = await until(() => far.socket.writableLength > 0 && far.socket.writableLength);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(far.socket.writableLength).toBeGreaterThan(0);
    expect(before).toBeGreaterThan(0);
    client.socket.resume();
    const whole = await client.whole();
    expect(whole.subarray(whole.indexOf("\r\n\r\n") + 4).equals(body)).toBe(true);
    expect(await client.ended).toBe("end");
  });

  test.each([
    ["that breaks off", "HTTP/1.1 403 No\r\nContent-Length: 10\r\n\r\nhalf"],
    ["with a broken chunk", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n"],
  ])("a refusal %s never looks whole", async (_name, answer) => {
    const { port } = await setUp({
      websocket: { onConnection: (socket) => socket.once("data", () => socket.end(answer)) },
    });
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    expect(await client.ended).toBe("ECONNRESET");
  });

  test("an interim answer is passed over, and a head in pieces is read as one", async () => {
    const { port } = await setUp({
      websocket: {
        onConnection: (socket) =>
          socket.once("data", () => {
            socket.write("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 101 Sw");
            setTimeout(() => socket.write(switching.replace("HTTP/1.1 101 Web So", "itching ")), 50);
          }),
      },
    });
    const client = await connectTcp(port);
    for (const piece of webSocket.replace("{port}", String(port)).match(/[^]{1,40}/g) ?? []) {
      client.socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await client.receivedText("X-Own: 1\r\n\r\n")).toMatch(/^HTTP\/1\.1 101 Switching /);
  });

  test("a client that leaves before the backend has answered is over at once", async () => {
    const { port, ws, until: untilSnapshot, route } = await setUp({ websocket: {} });
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    const far = await ws.connection(0);
    await untilSnapshot((now) => now.connections.length === 1);
    client.socket.resetAndDestroy();
    expect(await far.ended).toBe("ECONNRESET");
    await untilSnapshot((now) => now.connections.length === 0);
    expect((await route("p1")).connections).toMatchObject({ refused: 0, total: 1 });
  });

  test("a client that says nothing at first is served all the same", async () => {
    const { port } = await setUp();
    const client = await connectTcp(port);
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.socket.write(upgrade("tcp").replace("{port}", String(port)));
    expect(await client.receivedText("\r\n\r\n")).toContain("Upgrade: tcp");
  });

  test("a preflight is passed to the amps endpoint where the route says so", async () => {
    const own = "HTTP/1.1 101 Switching\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n";
    const { port, tcp } = await setUp({
      route: { preflight: "pass" },
      amps: { onConnection: (socket) => socket.once("data", () => socket.write(own)) },
    });
    const client = await connectTcp(port);
    client.socket.write(upgrade("tcp", ["Cookie: token=abc"]).replace("{port}", String(port)));
    expect(await client.receivedText("\r\n\r\n")).toBe(own);
    client.socket.write("\u0000\u0000\u0000\u0002{}");
    const far = await tcp.connection(0);
    const text = await until(() => far.bytes().toString().endsWith("{}") && far.bytes().toString());
    expect(text).toMatch(/^GET \/amps\/json HTTP\/1\.1\r\n/);
    expect(text).toContain("Cookie: token=abc\r\n");
  });

  test("a preflight says nothing but the 101 before the client's first frame, and echoes its token", async () => {
    const { port } = await setUp();
    const client = await connectTcp(port);
    client.socket.write(upgrade("AMPS-tcp").replace("{port}", String(port)));
    await client.receivedText("\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.bytes().toString()).toBe(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: AMPS-tcp\r\n\r\n",
    );
  });

  test("a page of a foreign origin may not open a WebSocket, a native client may", async () => {
    const { port, ws } = await setUp();
    const answer = await exchange(
      port,
      webSocket.replace("\r\n\r\n", "\r\nOrigin: https://evil.example\r\n\r\n"),
    );
    expect(answer.status).toBe(403);
    expect(ws.connections).toHaveLength(0);
  });

  test("a missing endpoint is named", async () => {
    const { port } = await setUp({ backend: { websocket: undefined } });
    const answer = await exchange(port, webSocket);
    expect(answer).toMatchObject({
      status: 404,
      body: expect.stringContaining("prod-1 has no websocket endpoint"),
    });
  });
});
