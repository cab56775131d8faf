/** SSH tunnels against Debian's sshd: streams whole, one connection for many, broken ends broken, found again. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { TunnelOptions } from "../../../app/tunnels/tunnel-set.ts";
import { available } from "../../support/available.ts";
import { startEchoBackend } from "../../support/echo-backend.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../../support/running-engine.ts";
import { freePort } from "../../support/free-port.ts";
import { makeSshHome, startSshServer, type SshHome, type SshServer } from "../../support/ssh-server.ts";
import { startTcpBackend } from "../../support/tcp-backend.ts";
import { connectTcp, patternBytes } from "../../support/tcp-client.ts";

cleanUpAfterEach();

const skip = !available.sshd;

function optionsOf(home: SshHome): TunnelOptions {
  return {
    secrets: async () => null,
    ssh: { home: home.folder, configFile: home.configFile, globalKnownHosts: "/dev/null", agent: null },
  };
}

interface SetUp {
  readonly home?: SshHome;
  readonly server?: SshServer;
  readonly backendPort: number;
  readonly tunnel?: object;
  readonly options?: TunnelOptions;
  readonly trust?: boolean;
}

async function setUp({ backendPort, options, tunnel, trust = true, ...given }: SetUp) {
  const home = given.home ?? makeSshHome();
  const server = given.server ?? (await startSshServer({ home }));
  if (trust) appendFileSync(home.knownHosts, server.knownHosts());
  const port = await freePort();
  const running = await runEngine(
    {
      version: 1,
      tunnels: [
        { id: "bastion", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user, ...tunnel },
      ],
      backends: [{ id: "b", via: "bastion", replication: `tcp://localhost:${backendPort}` }],
      routes: [{ id: "r", listen: port, transport: "replication", target: "b" }],
    },
    { tunnels: { ...optionsOf(home), ...options } },
  );
  const tunnelNow = async () => (await running.snapshot()).tunnels[0];
  return { ...running, home, server, port, tunnelNow };
}

const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test.skipIf(skip)("a stream is carried whole both ways, with half-close, and counted", async () => {
  const backend = await startEchoBackend();
  const { port, tunnelNow, route } = await setUp({ backendPort: backend.port });
  expect(await tunnelNow()).toMatchObject({ state: "up", reason: null, retryAt: null });
  const client = await connectTcp(port);
  const bytes = patternBytes(5_000_000);
  client.socket.end(bytes);
  expect(hash(await client.whole())).toBe(hash(bytes));
  expect(await client.ended).toBe("end");
  await until(async () => (await route("r")).connections.open === 0);
  expect((await route("r")).bytes).toEqual({ toBackend: bytes.length, toClient: bytes.length });
});

test.skipIf(skip)(
  "many clients share one connection, in random pieces, through constant rekeying",
  async () => {
    const home = makeSshHome();
    const server = await startSshServer({ home, config: ["RekeyLimit 1M"] });
    const backend = await startEchoBackend();
    const { port } = await setUp({
      home,
      server,
      backendPort: backend.port,
      options: { sshLimits: { rekeyBytes: 3_000_000 } },
    });
    const clients = await Promise.all(Array.from({ length: 12 }, () => connectTcp(port)));
    await Promise.all(
      clients.map(async ({ socket, whole }, index) => {
        const bytes = patternBytes(2_000_000, index + 1);
        const received = whole();
        for (let at = 0; at < bytes.length;) {
          const size = 1 + ((at * 7919 + index) % 65_536);
          if (!socket.write(bytes.subarray(at, at + size)))
            await new Promise((go) => socket.once("drain", go));
          at += size;
        }
        socket.end();
        expect(hash(await received)).toBe(hash(bytes));
      }),
    );
    expect(server.killSessions()).toBeGreaterThan(0);
  },
);

test.skipIf(skip)(
  "a server that is killed resets every client within 200 ms, and is found again",
  async () => {
    const ticking = await startTcpBackend({
      deaf: true,
      onConnection: (socket) => {
        const ticks = setInterval(() => socket.write(Buffer.alloc(1_000, 7)), 2);
        socket.on("error", () => undefined).on("close", () => clearInterval(ticks));
      },
    });
    cleanUp(() => ticking.close());
    const { port, server, tunnelNow, activity } = await setUp({ backendPort: ticking.port });
    const [reading, deaf, silent] = await Promise.all([connectTcp(port), connectTcp(port), connectTcp(port)]);
    deaf.socket.pause();
    silent.socket.write("a request");
    await reading.received(50_000);
    const killedAt = performance.now();
    expect(server.killSessions()).toBeGreaterThan(0);
    expect(await reading.ended).toBe("ECONNRESET");
    expect(performance.now() - killedAt).toBeLessThan(200);
    deaf.socket.resume();
    expect(await silent.ended).toBe("ECONNRESET");
    // Node tells a reset that comes right behind bytes as an end; what Shunt did is in its own account.
    await deaf.ended;
    expect((await activity()).find(({ event }) => event === "connection-failed")).toMatchObject({
      code: "BACKEND_RESET",
      count: 3,
    });
    await until(async () => (await tunnelNow())?.state === "up", "the reconnection");
    const again = await connectTcp(port);
    await again.received(1_000);
    expect(
      (await activity())
        .filter(({ event }) => event.startsWith("tunnel"))
        .map(({ event, tunnel }) => `${tunnel} ${event}`),
    ).toEqual(["bastion tunnel-up", "bastion tunnel-down", "bastion tunnel-up"]);
  },
);

test.skipIf(skip)(
  "while the server is away clients are refused at once and the next attempt is counted down",
  async () => {
    const backend = await startEchoBackend();
    const { port, server, home, tunnelNow } = await setUp({ backendPort: backend.port });
    await server.stop();
    await until(
      async () => /cannot reach/.test((await tunnelNow())?.reason ?? ""),
      "the refused reconnection",
    );
    await until(async () => (await tunnelNow())?.retryAt, "the countdown");
    const refused = await connectTcp(port);
    expect(await refused.ended).toBe("ECONNRESET");
    const second = await startSshServer({ home, port: server.port });
    writeFileSync(home.knownHosts, second.knownHosts());
    await until(async () => (await tunnelNow())?.state === "up", "the reconnection");
  },
);

test.skipIf(skip)(
  "a server that comes back with another key is refused, with both fingerprints",
  async () => {
    const backend = await startEchoBackend();
    const { port, server, home, tunnelNow } = await setUp({ backendPort: backend.port });
    await server.stop();
    await startSshServer({ home, port: server.port });
    await until(async () => (await tunnelNow())?.failure?.code === "HOST_KEY_CHANGED", "the refusal");
    expect((await tunnelNow())?.reason).toMatch(/SHA256:\S+.*SHA256:\S+/);
    expect(await (await connectTcp(port)).ended).toBe("ECONNRESET");
  },
);

test.skipIf(skip)("~/.ssh/config leads through a jump host by aliases", async () => {
  const home = makeSshHome();
  const [jump, far] = await Promise.all([startSshServer({ home }), startSshServer({ home })]);
  appendFileSync(home.knownHosts, jump.knownHosts() + far.knownHosts());
  const lines = [
    `Host prod-*`,
    `  User ${far.user}`,
    `  ProxyJump gate`,
    `Host prod-bastion`,
    `  HostName 127.0.0.1`,
    `  Port ${far.port}`,
    `Include extra/*.conf`,
  ];
  writeFileSync(home.configFile, `${lines.join("\n")}\n`);
  mkdirSync(`${home.folder}/.ssh/extra`);
  const gate = [`Host gate`, `  HostName 127.0.0.1`, `  Port ${jump.port}`, `  User ${jump.user}`];
  writeFileSync(`${home.folder}/.ssh/extra/gate.conf`, `${gate.join("\n")}\n`);
  const backend = await startEchoBackend();
  const { port, tunnelNow } = await setUp({
    home,
    server: far,
    backendPort: backend.port,
    tunnel: { address: "prod-bastion", user: undefined },
    trust: false,
  });
  expect(await tunnelNow()).toMatchObject({ state: "up" });
  const client = await connectTcp(port);
  const bytes = patternBytes(1_000_000);
  client.socket.end(bytes);
  expect(hash(await client.whole())).toBe(hash(bytes));
  const open = await connectTcp(port);
  open.socket.write("x");
  await open.received(1);
  expect(jump.killSessions()).toBeGreaterThan(0);
  expect(await open.ended).toBe("ECONNRESET");
});

test.skipIf(skip)(
  "a backend that is down, a name nobody knows and a forbidden address are told apart",
  async () => {
    const home = makeSshHome();
    const open = await freePort();
    const server = await startSshServer({
      home,
      config: [`PermitOpen 127.0.0.1:${open} no-such-name.invalid:9007`],
    });
    appendFileSync(home.knownHosts, server.knownHosts());
    const backend = (id: string, address: string) => ({ id, via: "bastion", amps: `tcp://${address}` });
    const { snapshot } = await runEngine(
      {
        version: 1,
        tunnels: [{ id: "bastion", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user }],
        backends: [
          backend("closed", `127.0.0.1:${open}`),
          backend("nameless", "no-such-name.invalid:9007"),
          backend("forbidden", "127.0.0.1:1"),
        ],
        routes: await Promise.all(
          ["closed", "nameless", "forbidden"].map(async (target) => ({
            id: target,
            listen: await freePort(),
            transport: "amps",
            target,
          })),
        ),
      },
      { tunnels: optionsOf(home) },
    );
    const { backends, tunnels } = await snapshot();
    expect(tunnels[0]?.state).toBe("up");
    expect(backends.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/refused the connection that tunnel bastion tried/),
      expect.stringMatching(/does not know the name/),
      expect.stringMatching(/does not allow connections to 127\.0\.0\.1:1/),
    ]);
  },
);
