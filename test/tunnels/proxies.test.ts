/** SOCKS5 and HTTP CONNECT against real proxies from Debian. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SecretSource } from "../../app/tunnels/secret-source.ts";
import { available, programs } from "../support/available.ts";
import { startChildServer } from "../support/child-server.ts";
import { startEchoBackend } from "../support/echo-backend.ts";
import { startHttpBackend } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { plainSecretOf, secretOf } from "../support/suite-secrets.ts";
import { connectTcp, frame, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const user = "ops";
const password = secretOf("SOCKS password");
/** Tinyproxy takes little more than letters and digits. */
const connectPassword = plainSecretOf("CONNECT password");

async function startMicrosocks(): Promise<number> {
  const port = await freePort();
  const logOn = ["-u", user, "-P", password];
  await startChildServer(programs.microsocks ?? "", ["-i", "127.0.0.1", "-p", String(port), ...logOn], port);
  return port;
}

async function startTinyproxy(): Promise<number> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "shunt-tinyproxy-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  const lines = [`Port ${port}`, "Listen 127.0.0.1", "Timeout 600", "MaxClients 50", "LogLevel Critical"];
  writeFileSync(join(folder, "conf"), [...lines, `BasicAuth ${user} ${connectPassword}`, ""].join("\n"));
  await startChildServer(programs.tinyproxy ?? "", ["-d", "-c", join(folder, "conf")], port);
  return port;
}

/** Wants Basic, with a realm, and closes what it refuses. */
async function startSquid(): Promise<number> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "shunt-squid-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  // Squid gives root's rights up before it reads the passwords.
  chmodSync(folder, 0o755);
  const hash = execFileSync("openssl", ["passwd", "-apr1", connectPassword]).toString().trim();
  writeFileSync(join(folder, "passwords"), `${user}:${hash}\n`);
  const lines = [
    `http_port 127.0.0.1:${port}`,
    `auth_param basic program /usr/lib/squid/basic_ncsa_auth ${join(folder, "passwords")}`,
    "auth_param basic children 1",
    "acl known proxy_auth REQUIRED",
    "http_access allow CONNECT known",
    "http_access deny all",
    "cache deny all",
    "cache_log /dev/null",
    "access_log none",
    "pid_filename none",
    "netdb_filename none",
    "pinger_enable off",
    "shutdown_lifetime 0 seconds",
    `coredump_dir ${folder}`,
    "visible_hostname squid.test",
    "workers 1",
    "",
  ];
  writeFileSync(join(folder, "conf"), lines.join("\n"));
  await startChildServer(programs.squid ?? "", ["-N", "-f", join(folder, "conf")], port);
  return port;
}

async function runThrough(type: "socks5" | "http-connect", proxy: number, secrets: SecretSource) {
  const backend = await startEchoBackend("hello");
  const port = await freePort();
  const running = await runEngine(
    {
      version: 1,
      tunnels: [{ id: "desk", type, address: `127.0.0.1:${proxy}`, user }],
      // A name: looked up at the far end.
      backends: [{ id: "b", via: "desk", replication: `tcp://localhost:${backend.port}` }],
      routes: [{ id: "r", listen: port, transport: "replication", target: "b" }],
    },
    { tunnels: { secrets } },
  );
  return { ...running, port, backend };
}

describe.each([
  { type: "socks5", start: startMicrosocks, secret: password, there: available.microsocks },
  { type: "http-connect", start: startTinyproxy, secret: connectPassword, there: available.tinyproxy },
  { type: "http-connect", start: startSquid, secret: connectPassword, there: available.squid },
] as const)("$type by $start.name", ({ type, start, secret, there }) => {
  test.skipIf(!there)("carries a stream whole both ways and says that the tunnel is up", async () => {
    const { port, snapshot, route } = await runThrough(type, await start(), async () => secret);
    const client = await connectTcp(port);
    const bytes = Buffer.concat([frame("{}"), patternBytes(3_000_000)]);
    client.socket.write(bytes);
    const all = await client.received(5 + bytes.length);
    expect(all.subarray(0, 5).toString()).toBe("hello");
    expect(all.subarray(5).equals(bytes)).toBe(true);
    expect((await snapshot()).tunnels).toMatchObject([{ id: "desk", state: "up", reason: null }]);
    // A byte may be at the client a moment before it is counted, where a thread of its own moves it.
    await expect
      .poll(async () => (await route("r")).bytes)
      .toEqual({ toBackend: bytes.length, toClient: bytes.length + 5 });
  });

  test.skipIf(!there)("names a wrong password, and asks again after it", async () => {
    const asked: boolean[] = [];
    const wrong = secretOf(type === "socks5" ? "SOCKS password" : "CONNECT password", "wrong");
    const { port, snapshot, activity } = await runThrough(type, await start(), async ({ refused }) => {
      asked.push(refused);
      return refused ? secret : wrong;
    });
    // The health probe met the wrong one.
    expect((await snapshot()).tunnels).toMatchObject([{ state: "down" }]);
    expect((await snapshot()).backends[0]?.reason).toMatch(/Tunnel desk refused the user and password/);
    expect((await activity()).find(({ event }) => event === "tunnel-down")?.tunnel).toBe("desk");
    const client = await connectTcp(port);
    expect((await client.received(5)).toString()).toBe("hello");
    expect(asked).toEqual([false, true]);
  });

  test.skipIf(!there)("tells a backend that is down from a tunnel that is down", async () => {
    const proxy = await start();
    const { snapshot } = await runEngine(
      {
        version: 1,
        tunnels: [{ id: "desk", type, address: `127.0.0.1:${proxy}`, user }],
        backends: [{ id: "c", via: "desk", amps: `tcp://127.0.0.1:${await freePort()}` }],
        routes: [{ id: "r", listen: await freePort(), transport: "amps", target: "c" }],
      },
      { tunnels: { secrets: async () => secret } },
    );
    const { tunnels, backends } = await snapshot();
    expect(tunnels).toMatchObject([{ id: "desk", state: "up", reason: null }]);
    expect(backends).toMatchObject([{ health: "down", reason: expect.stringMatching(/[Tt]unnel desk/) }]);
  });
});

describe("HTTP over a connection that a proxy opened is answered", () => {
  const given: SecretSource = ({ account }) => Promise.resolve(account.startsWith(user) ? password : null);
  test.skipIf(!available.microsocks)("through SOCKS5: health, and an admin route", async () => {
    const backend = await startHttpBackend((_request, response) =>
      response.end('{"amps":{"instance":{"name":"amps-1"}}}'),
    );
    cleanUp(() => backend.close());
    const [proxy, port] = [await startMicrosocks(), await freePort()];
    const { until } = await runEngine(
      {
        version: 1,
        tunnels: [{ id: "desk", type: "socks5", address: `127.0.0.1:${proxy}`, user }],
        backends: [{ id: "b", via: "desk", admin: `http://127.0.0.1:${backend.port}` }],
        routes: [{ id: "r", listen: port, transport: "admin", target: "b" }],
      },
      { tunnels: { secrets: given } },
    );
    await until(({ backends }) => backends[0]?.health === "up" && backends[0].instanceName !== null);
    const answer = await fetch(`http://127.0.0.1:${port}/amps`);
    expect(await answer.text()).toContain("amps-1");
  });
});
