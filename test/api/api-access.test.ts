import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { startApiServer } from "../../app/api/api-server.ts";
import { createApiGuard, makeToken } from "../../app/api/api-guard.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { exchange } from "../support/raw-http.ts";
import { plainSecretOf } from "../support/suite-secrets.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { runApi, token } from "./running-api.ts";

cleanUpAfterEach();

const endpoints = [
  ["GET", "/api/snapshot"],
  ["GET", "/api/config"],
  ["PUT", "/api/config"],
  ["GET", "/metrics"],
  ["POST", "/api/commands/about.get"],
  ["POST", "/api/commands/config.put"],
  ["POST", "/api/commands/sandbox.start"],
  ["GET", "/api/nothing"],
  ["DELETE", "/api/config"],
  ["GET", "/api/live"],
] as const;

describe.each(endpoints)("%s %s", (method, path) => {
  test.each([
    ["no token", {}],
    ["a wrong token", { Authorization: `Bearer ${plainSecretOf("API token", "wrong")}` }],
    ["an empty token", { Authorization: "Bearer " }],
    ["the token in another scheme", { Authorization: `Basic ${token}` }],
    ["the beginning of the token", { Authorization: `Bearer ${token.slice(0, -1)}` }],
    ["the token and more", { Authorization: `Bearer ${token}x` }],
    ["the token in a cookie", { Cookie: `token=${token}`, Authorization: "" }],
  ])("answers 401 to %s, and does nothing", async (_what, headers) => {
    const { api, running } = await runApi();
    const answer = await fetch(`${api.url}${path}?token=${token}`, { method, headers });
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toContain(token);
    expect(running.saves).toEqual([]);
    expect(running.sandbox.calls).toEqual([]);
  });
});

test("a token is 256 bits, and another one at every start", () => {
  const tokens = Array.from({ length: 100 }, makeToken);
  expect(new Set(tokens).size).toBe(100);
  for (const one of tokens) expect(Buffer.from(one, "base64url")).toHaveLength(32);
});

test("an empty token is refused: it would let everybody in", () => {
  expect(() => createApiGuard({ host: "127.0.0.1", port: 1 }, "")).toThrow("empty token");
});

test("ten mistakes are free, then every further one waits a second, and the right token never does", async () => {
  const { fetch: ask } = await runApi();
  const timed = async (candidate: string): Promise<number> => {
    const begun = performance.now();
    await ask("/api/snapshot", { headers: { Authorization: `Bearer ${candidate}` } });
    return performance.now() - begun;
  };
  for (let mistake = 0; mistake < 10; mistake++) expect(await timed("wrong")).toBeLessThan(500);
  expect(await timed("wrong")).toBeGreaterThan(950);
  const slow = timed("wrong");
  expect(await timed(token)).toBeLessThan(500);
  expect(await slow).toBeGreaterThan(950);
});

const snapshotRequest = ["GET /api/snapshot HTTP/1.1", "Authorization: Bearer {token}", "Connection: close"];

describe("the API is known by three names alone:", () => {
  test.each(["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "LocalHost:{port}"])(
    "Host: %s",
    async (host) => {
      const { raw } = await runApi();
      expect((await raw(...snapshotRequest, `Host: ${host}`)).status).toBe(200);
    },
  );

  test.each([
    "127.0.0.1.evil.com:{port}",
    "localhost.evil.com:{port}",
    "evil.com:{port}",
    "127.1:{port}",
    "0x7f.1:{port}",
    "2130706433:{port}",
    "0177.0.0.1:{port}",
    "127.0.0.2:{port}",
    "0.0.0.0:{port}",
    "[::]:{port}",
    "localhost.:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "127.0.0.1:1",
    "127.0.0.1",
    "localhost",
    "user@127.0.0.1:{port}",
    "127.0.0.1:{port}@evil.com",
    "127.0.0.1:{port}, evil.com",
    "x127.0.0.1:{port}",
    "127.0.0.1:{port}0",
    "",
  ])("and not by Host: %s", async (host) => {
    const { raw } = await runApi();
    const answer = await raw(...snapshotRequest, `Host: ${host}`);
    expect([400, 403]).toContain(answer.status);
    expect(answer.body).not.toContain("revision");
  });

  test("and not by two Hosts, nor by none", async () => {
    const { raw } = await runApi();
    expect((await raw(...snapshotRequest, "Host: 127.0.0.1:{port}", "Host: 127.0.0.1:{port}")).status).toBe(
      403,
    );
    expect((await raw(...snapshotRequest)).status).toBe(400);
    expect((await raw("GET /api/snapshot HTTP/1.0", "Authorization: Bearer {token}")).status).toBe(403);
  });

  test("and a request for a whole URL gets nothing of it", async () => {
    const { raw } = await runApi();
    const [, ...rest] = snapshotRequest;
    const answer = await raw("GET http://evil.com/api/snapshot HTTP/1.1", ...rest, "Host: 127.0.0.1:{port}");
    expect(answer.status).toBe(404);
  });

  test("the UI's files too", async () => {
    const { raw } = await runApi();
    expect((await raw("GET / HTTP/1.1", "Connection: close", "Host: evil.com:{port}")).status).toBe(403);
  });
});

describe("a page of another origin is refused, with the token too:", () => {
  test.each<readonly [string]>([
    ["Origin: http://evil.com"],
    ["Origin: null"],
    ["Origin: http://127.0.0.1:1"],
    ["Origin: http://localhost.evil.com:{port}"],
    ["Origin: https://127.0.0.1:{port}"],
    ["Origin: http://127.0.0.1:{port}/"],
    ["Sec-Fetch-Site: cross-site"],
    ["Sec-Fetch-Site: same-site"],
  ])("%s", async (line) => {
    const { raw } = await runApi();
    for (const [method, path] of endpoints) {
      const lines = [
        `${method} ${path} HTTP/1.1`,
        "Host: 127.0.0.1:{port}",
        "Authorization: Bearer {token}",
        "Connection: close",
        line,
      ];
      expect((await raw(...lines)).status).toBe(403);
    }
  });

  test.each([
    "Origin: http://127.0.0.1:{port}",
    "Origin: http://localhost:{port}",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Site: none",
  ])("its own pages are not: %s", async (line) => {
    const { raw } = await runApi();
    expect((await raw(...snapshotRequest, "Host: 127.0.0.1:{port}", line)).status).toBe(200);
  });
});

test("no answer sets a cookie or lets another origin read it, not even to a CORS preflight", async () => {
  const { raw } = await runApi();
  const requests = [
    ...endpoints.map(([method, path]) => `${method} ${path} HTTP/1.1`),
    "GET / HTTP/1.1",
    "GET /none HTTP/1.1",
    "OPTIONS /api/config HTTP/1.1",
    "OPTIONS / HTTP/1.1",
  ];
  for (const line of requests) {
    for (const origin of [[], ["Origin: http://evil.com", "Access-Control-Request-Method: PUT"]]) {
      const answer = await raw(
        line,
        "Host: 127.0.0.1:{port}",
        "Authorization: Bearer {token}",
        "Connection: close",
        ...origin,
      );
      expect(answer.status).toBeGreaterThan(0);
      expect(answer.headers.join("\n")).not.toMatch(/^(set-cookie|access-control-)/im);
    }
  }
});

test("a server that listens on every interface is known by this machine's addresses, and opens on loopback", async () => {
  const { running } = await runApi();
  const started = await startApiServer({
    service: running.service,
    address: { host: "0.0.0.0", port: 0 },
    token,
    ui: null,
  });
  if (!started.ok) throw new Error(started.failure.message);
  cleanUp(() => started.value.close());
  const { address, url } = started.value;
  expect(url).toBe(`http://127.0.0.1:${address.port}`);
  const status = async (host: string) =>
    (
      await exchange(
        address.port,
        [...snapshotRequest, `Host: ${host}`, "", ""].join("\r\n").replace("{token}", token),
      )
    ).status;
  expect(await status(`127.0.0.1:${address.port}`)).toBe(200);
  expect(await status(`evil.com:${address.port}`)).toBe(403);
  expect(await status(`192.0.2.1:${address.port}`)).toBe(403);
});

test("closing ends at once, whatever half-open connections are left", async () => {
  const { api, port } = await runApi();
  const idle = await connectTcp(port);
  const refused = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  refused.on("error", () => undefined);
  cleanUp(() => void refused.destroy());
  refused.write(
    `GET /api/live HTTP/1.1\r\nHost: evil.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  await new Promise((resolve) => refused.once("data", resolve));
  const begun = performance.now();
  await api.close();
  expect(performance.now() - begun).toBeLessThan(1_000);
  await idle.ended;
});
