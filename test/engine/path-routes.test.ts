/** Path routes: three kinds of traffic under one prefix, one reading of every request, and nothing let in that should not be. */
import { describe, expect, test } from "vitest";
import { exchange, get, readAnswer } from "../support/raw-http.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";
import { setUpPaths } from "./path-set-up.ts";

cleanUpAfterEach();

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
    const { port, http } = await setUpPaths({ more });
    expect(await exchange(port, get(target))).toMatchObject({
      status: 200,
      body: expect.stringContaining("hello"),
    });
    expect(http.requests.map((request) => request.target)).toEqual([expected]);
  });

  test("a prefix without its slash is redirected, query kept", async () => {
    const { port } = await setUpPaths();
    const answer = await exchange(port, get("/prod-1?a=b"));
    expect(answer.status).toBe(308);
    expect(answer.headers).toContain("Location: /prod-1/?a=b");
  });

  test("an unknown path is a 404 that lists the known prefixes, and is counted", async () => {
    const { port, http, route } = await setUpPaths({ more });
    const answer = await exchange(port, get("/prod-2/x"));
    expect(answer.status).toBe(404);
    for (const prefix of ["/prod-1/", "/prod-1/deep/", "/prod-10/"])
      expect(answer.body).toContain(`href="${prefix}"`);
    expect(http.requests).toEqual([]);
    expect((await route("p1")).connections.refused).toBe(1);
  });

  test("the prefix is kept where the route says so", async () => {
    const { port, http } = await setUpPaths({ route: { keepPrefix: true } });
    await exchange(port, get("/prod-1/amps"));
    expect(http.requests[0]?.target).toBe("/prod-1/amps");
  });

  test("a route by Host name has an origin of its own, no prefix, and beats the path routes", async () => {
    const { port, http } = await setUpPaths({
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
    const { port, http } = await setUpPaths();
    const answer = await exchange(port, get("/prod-1/").replace("127.0.0.1:{port}", host));
    expect([400, 421]).toContain(answer.status);
    expect(http.requests).toEqual([]);
  });

  test.each(["localhost:{port}", "[::1]:{port}", "LOCALHOST:{port}", "desk.example.com:{port}"])(
    "Host %s is accepted",
    async (host) => {
      const { port } = await setUpPaths({ route: { hosts: ["desk.example.com"] } });
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
    const { port, http } = await setUpPaths({ route: { origins: ["https://desk.example.com"] } });
    expect((await exchange(port, get(target, headers))).status).toBe(status);
    expect(http.requests).toHaveLength(status === 200 ? 1 : 0);
  });

  test.each([
    ["prod by default", { environment: "prod" }, 403],
    ["read-only by choice", { adminAccess: "read-only" }, 403],
    ["prod with full access", { environment: "prod", adminAccess: "full" }, 200],
    ["elsewhere", { environment: "uat" }, 200],
  ])("administrative actions on a backend that is %s", async (_name, backend, status) => {
    const { port, http } = await setUpPaths({ backend });
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
    const { port, http } = await setUpPaths();
    await exchange(
      port,
      get("/prod-1/amps", [
        "X-Forwarded-For: 6.6.6.6",
        "x-forwarded-prefix: /evil",
        `Proxy-Authorization: Basic ${Buffer.from(`ops:${secretOf("Proxy-Authorization")}`).toString("base64")}`,
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
    const { port } = await setUpPaths({
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
    const { port, http } = await setUpPaths();
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
    const { port, http, until: untilSnapshot } = await setUpPaths();
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
    const { port } = await setUpPaths({
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
    const { port } = await setUpPaths({ backend: { admin: `http://127.0.0.1:${await freePort()}` } });
    const answer = await ask(port, get("/prod-1/"));
    expect(answer).toMatchObject({ status: 502, body: expect.stringContaining("refused the connection") });
    expect(answer.headers).toContain("X-Shunt-Error: CONNECT_REFUSED");
    const babble = await startTcpBackend({ onConnection: (socket) => socket.end("no http here\r\n\r\n") });
    cleanUp(() => babble.close());
    const other = await setUpPaths({ backend: { admin: `http://127.0.0.1:${babble.port}` } });
    expect(await ask(other.port, get("/prod-1/"))).toMatchObject({
      status: 502,
      body: expect.stringContaining("did not answer in HTTP"),
    });
  });

  test("figures equal what the backend counted", async () => {
    const { port, http, route } = await setUpPaths({
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
