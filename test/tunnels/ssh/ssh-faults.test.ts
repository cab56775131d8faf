/** SSH under load and in trouble: partitions, revoked keys, stalled and very many channels (reliability F6, F17, L3, L5). */
import { appendFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import type { SshLimits } from "../../../app/tunnels/ssh/ssh-connection.ts";
import { available } from "../../support/available.ts";
import { startEchoBackend } from "../../support/echo-backend.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../../support/running-engine.ts";
import { freePort } from "../../support/free-port.ts";
import { makeSshHome, startSshServer } from "../../support/ssh-server.ts";
import { startTcpBackend } from "../../support/tcp-backend.ts";
import { connectTcp, patternBytes, type TcpClient } from "../../support/tcp-client.ts";

cleanUpAfterEach();

const skip = !available.sshd;
const patience = { timeout: 60_000 };

async function setUp(backendPort: number, sshLimits: Partial<SshLimits> = {}) {
  const home = makeSshHome();
  const server = await startSshServer({ home });
  appendFileSync(home.knownHosts, server.knownHosts());
  const port = await freePort();
  const document = {
    version: 1,
    tunnels: [{ id: "t", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user }],
    backends: [{ id: "b", via: "t", replication: `tcp://127.0.0.1:${backendPort}` }],
    routes: [{ id: "r", listen: port, transport: "replication", target: "b" }],
  };
  const running = await runEngine(document, {
    tunnels: {
      secrets: async () => null,
      ssh: { home: home.folder, configFile: home.configFile, globalKnownHosts: "/dev/null", agent: null },
      sshLimits,
    },
  });
  const tunnelNow = async () => (await running.snapshot()).tunnels[0];

  /** Adds a route through a second server, and one through none; resolves with their ports. */
  const addNeighbours = async (): Promise<readonly number[]> => {
    const other = await startSshServer({ home });
    appendFileSync(home.knownHosts, other.knownHosts());
    const ports = [await freePort(), await freePort()];
    const [tunnel, backend] = [{ ...document.tunnels[0] }, { ...document.backends[0] }];
    await running.apply({
      ...document,
      tunnels: [...document.tunnels, { ...tunnel, id: "u", address: `127.0.0.1:${other.port}` }],
      backends: [
        ...document.backends,
        { ...backend, id: "c", via: "u" },
        { ...backend, id: "d", via: undefined },
      ],
      routes: [
        ...document.routes,
        ...["c", "d"].map((id, at) => ({ id, listen: ports[at], transport: "replication", target: id })),
      ],
    });
    return ports;
  };
  return { ...running, server, port, tunnelNow, addNeighbours };
}

/** A client whose first byte has come back. */
async function echoed(port: number): Promise<TcpClient> {
  const client = await connectTcp(port);
  client.socket.write("x");
  await client.received(1);
  return client;
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test.skipIf(skip)(
  "F6: a server that stands still is noticed after keepalive times count, and left; idle streams beside it live on",
  patience,
  async () => {
    const backend = await startEchoBackend();
    const { port, server, activity, route, addNeighbours } = await setUp(backend.port, {
      keepaliveMs: 1_000,
      keepaliveCount: 3,
    });
    const [client, ...idle] = await Promise.all([port, ...(await addNeighbours())].map(echoed));
    expect(server.pauseSessions()).toBeGreaterThan(0);
    expect(await client?.ended).toBe("ECONNRESET");
    await until(async () => (await activity()).some(({ event }) => event === "tunnel-down"), "the loss");
    // The server itself lives: the next session carries again.
    await until(async () => {
      const again = await connectTcp(port);
      again.socket.write("y");
      return again.received(1).then(
        () => true,
        () => false,
      );
    }, "the reconnection");
    // Idle for longer than the limit, and untouched.
    for (const { socket, received } of idle) {
      socket.write("y");
      expect((await received(2)).toString()).toBe("xy");
    }
    for (const id of ["c", "d"])
      expect((await route(id)).connections).toEqual({ open: 1, total: 1, refused: 0 });
    expect((await activity()).filter(({ event }) => event === "tunnel-down")).toHaveLength(1);
  },
);

test.skipIf(skip)(
  "F17: a key that was revoked ends the retries after three refused log-ons",
  patience,
  async () => {
    const backend = await startEchoBackend();
    const { port, server, tunnelNow } = await setUp(backend.port);
    const client = await echoed(port);
    server.revoke();
    server.killSessions();
    expect(await client.ended).toBe("ECONNRESET");
    await until(async () => /No further attempt/.test((await tunnelNow())?.reason ?? ""), "the last attempt");
    expect(await tunnelNow()).toMatchObject({
      state: "down",
      retryAt: null,
      failure: { code: "TUNNEL_AUTH_FAILED" },
    });
  },
);

test.skipIf(skip)("L3: three hundred channels share one connection, and none fails", patience, async () => {
  const backend = await startEchoBackend();
  const { port, server, snapshot } = await setUp(backend.port);
  const sessions = server.sessions();
  expect(sessions).toBeGreaterThan(0);
  const clients = await Promise.all(Array.from({ length: 300 }, () => connectTcp(port)));
  await Promise.all(
    clients.map(async ({ socket, received }, index) => {
      const bytes = patternBytes(1_000, index + 1);
      socket.write(bytes);
      expect((await received(bytes.length)).equals(bytes)).toBe(true);
    }),
  );
  expect((await snapshot()).routes[0]?.connections).toEqual({ open: 300, total: 300, refused: 0 });
  expect(server.sessions()).toBe(sessions);
});

/** Until the figure has not grown for half a second. */
async function settled(figure: () => Promise<number>): Promise<number> {
  let last = -1;
  for (let still = 0; still < 5;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await figure();
    still = now === last && now > 0 ? still + 1 : 0;
    last = now;
  }
  return last;
}

/** Hashes what a socket gets from now on, without keeping it. */
function digest(socket: Socket) {
  const hash = createHash("sha256");
  let size = 0;
  socket.on("data", (chunk: Buffer) => {
    size += chunk.length;
    hash.update(chunk);
  });
  return { size: () => size, hex: () => hash.digest("hex") };
}

/** More than window, buffers and kernels hold together. */
const whole = 60_000_000;
/** The bound of one stalled channel (reliability L5), beside what the kernels' socket buffers hold. */
const mostHeld = 8 * 1024 * 1024;
const kernels = 16 * 1024 * 1024;

test.skipIf(skip)(
  "L5: a client that stops reading holds up its own channel only, within bounds",
  patience,
  async () => {
    const flood = patternBytes(whole);
    const backend = await startTcpBackend({
      deaf: true,
      onConnection: (socket) => {
        socket.on("error", () => undefined);
        socket.once("data", (first) => void socket.write(first.toString() === "flood" ? flood : first));
      },
    });
    cleanUp(() => backend.close());
    const { port, route } = await setUp(backend.port);
    const stalled = connect(port, "127.0.0.1");
    cleanUp(() => void stalled.destroy());
    stalled.write("flood");
    const taken = await settled(async () => (await route("r")).bytes.toClient);
    expect(taken).toBeLessThan(mostHeld + kernels);
    const neighbour = await connectTcp(port);
    neighbour.socket.write("hello");
    expect((await neighbour.received(5)).toString()).toBe("hello");
    const got = digest(stalled);
    await until(() => got.size() === whole, "the rest");
    expect(got.hex()).toBe(sha256(flood));
  },
);

test.skipIf(skip)("L5: a backend that stops reading stops its client, within bounds", patience, async () => {
  const backend = await startTcpBackend({ deaf: true });
  cleanUp(() => backend.close());
  const { port, route } = await setUp(backend.port);
  const before = backend.connections.length;
  const flood = patternBytes(whole);
  const client = connect(port, "127.0.0.1");
  cleanUp(() => void client.destroy());
  client.write(flood);
  const taken = await settled(async () => (await route("r")).bytes.toBackend);
  expect(taken).toBeLessThan(mostHeld + kernels);
  const got = digest((await backend.connection(before)).socket);
  await until(() => got.size() === whole, "the rest");
  expect(got.hex()).toBe(sha256(flood));
});
