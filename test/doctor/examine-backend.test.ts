/** The doctor against the sandbox, and against what operators get wrong. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import type { BackendConfig } from "../../app/contract/config.ts";
import type { Examination } from "../../app/contract/examination.ts";
import { examineBackend } from "../../app/doctor/examine-backend.ts";
import { TunnelSet } from "../../app/tunnels/tunnel-set.ts";
import { startFakeSshServer } from "../support/fake-ssh-server.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { makeSshHome } from "../support/ssh-server.ts";
import { runSandbox } from "../sandbox/running-sandbox.ts";

cleanUpAfterEach();

function examine(backend: Omit<BackendConfig, "id">, timeoutMs = 1_000): Promise<Examination> {
  const tunnels = new TunnelSet({}, { note: () => undefined, onChange: () => undefined });
  cleanUp(() => tunnels.close());
  tunnels.update([{ id: "desk", type: "socks5", address: "127.0.0.1:1" }]);
  return examineBackend({ backend: { id: "b", ...backend }, openTcp: tunnels.openTcp, timeoutMs });
}

const lines = ({ steps }: Examination) =>
  steps.map(({ endpoint, hop, outcome, finding }) => `${endpoint} ${hop} ${outcome}: ${finding}`);

test("a healthy instance is walked to the end, and is told as one", async () => {
  const { a } = await runSandbox();
  const { amps, websocket, admin, replication } = a.ports;
  const found = await examine({
    amps: `tcp://localhost:${amps}`,
    websocket: `ws://127.0.0.1:${websocket}`,
    admin: `http://127.0.0.1:${admin}`,
    replication: `tcp://127.0.0.1:${replication}`,
  });
  expect(lines(found)).toEqual([
    expect.stringMatching(/^amps name ok: localhost is .*127\.0\.0\.1/),
    expect.stringMatching(/^amps tcp ok/),
    expect.stringMatching(/^amps amps ok: AMPS \S+ let the probe in/),
    expect.stringMatching(/^websocket tcp ok/),
    expect.stringMatching(/^websocket websocket ok/),
    expect.stringMatching(/^admin tcp ok/),
    expect.stringMatching(/^admin admin ok: The admin interface of instance amps-a/),
    expect.stringMatching(/^replication tcp ok/),
  ]);
  expect(found.healthy).toBe(true);
  expect(found.steps.every(({ tookMs }) => tookMs !== null && tookMs >= 0)).toBe(true);
});

describe("a port that is another is recognised", () => {
  test.each([
    ["the admin port given as amps", "amps", "admin", /admin or the websocket port/],
    [
      "the websocket port given as amps",
      "amps",
      "websocket",
      /admin or the websocket port|closed the connection/,
    ],
    ["the amps port given as websocket", "websocket", "amps", /amps port|closed the connection/],
    ["the admin port given as websocket", "websocket", "admin", /admin or the amps port/],
    ["the amps port given as admin", "admin", "amps", /HTTP|not as AMPS's admin interface/],
  ] as const)("%s", async (_what, endpoint, really, finding) => {
    const { a } = await runSandbox();
    const scheme = { amps: "tcp", websocket: "ws", admin: "http" }[endpoint];
    const found = await examine({ [endpoint]: `${scheme}://127.0.0.1:${a.ports[really]}` });
    const last = found.steps.at(-1);
    expect(last).toMatchObject({ hop: endpoint, outcome: "failed", finding: expect.stringMatching(finding) });
    expect(last?.advice).toMatch(/port/i);
    expect(found.healthy).toBe(false);
  });
});

test.each([
  ["a port where nothing listens", "127.0.0.1", ["amps tcp failed", "amps amps skipped"]],
  [
    "a name that nobody knows",
    "no-such-name.invalid",
    ["amps name failed", "amps tcp skipped", "amps amps skipped"],
  ],
])("%s ends the way there, and what lies behind is skipped", async (_what, host, expected) => {
  const found = await examine({ amps: `tcp://${host}:${await freePort()}` });
  expect(found.steps.map(({ endpoint, hop, outcome }) => `${endpoint} ${hop} ${outcome}`)).toEqual(expected);
  expect(found.steps[0]?.advice).toBeTruthy();
});

test("a tunnel that cannot be reached is the hop that broke", async () => {
  const found = await examine({ via: "desk", amps: "tcp://amps-prod-1:9007" });
  expect(found.steps[0]).toMatchObject({
    hop: "tunnel",
    outcome: "failed",
    failure: { code: "TUNNEL_UNREACHABLE" },
  });
});

test("a server that takes the logon and stays silent is told within the limit", async () => {
  const server = createServer((socket) => void socket.on("error", () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  const { port } = server.address() as { port: number };
  const started = performance.now();
  const found = await examine({ amps: `tcp://127.0.0.1:${port}` }, 500);
  expect(performance.now() - started).toBeLessThan(1_500);
  expect(found.steps.at(-1)).toMatchObject({
    hop: "amps",
    outcome: "failed",
    finding: expect.stringMatching(/said nothing/),
  });
});

test("no two logons of the doctor have the same name, so that none ends a client", async () => {
  const names: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      names.push(String((JSON.parse(bytes.toString("utf8", 4)) as { client_name: string }).client_name));
      socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  const { port } = server.address() as { port: number };
  await Promise.all([1, 2, 3].map(() => examine({ amps: `tcp://127.0.0.1:${port}` })));
  expect(new Set(names).size).toBe(3);
  expect(names.every((name) => /^shunt-doctor-[\da-f-]{36}$/.test(name))).toBe(true);
});

describe("while it is walked", () => {
  async function silentBackend(): Promise<number> {
    const server = createServer((socket) => socket.on("error", () => undefined));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void server.close());
    return (server.address() as { port: number }).port;
  }

  test("each hop is told when it is begun and when it is done, and it can be stopped at once", async () => {
    const { engine, events } = await runEngine({
      version: 1,
      backends: [{ id: "b", amps: `tcp://127.0.0.1:${await silentBackend()}`, admin: "http://127.0.0.1:1" }],
    });
    const reply = engine.testBackend("b", "run-1");
    const told = () =>
      events.flatMap((event) =>
        event.type === "examination"
          ? [`${event.run} ${event.is} ${"step" in event ? event.step.hop : event.hop}`]
          : [],
      );
    await until(() => told().at(-1) === "run-1 walking amps");
    expect(told()).toEqual(["run-1 walking tcp", "run-1 walked tcp", "run-1 walking amps"]);
    await engine.stopTest("another");
    await engine.stopTest("run-1");
    const found = await reply;
    expect(found.ok && found.value).toMatchObject({ stopped: true, healthy: false, steps: [{ hop: "tcp" }] });
    expect(told()).toHaveLength(3);
  });

  test("an SSH tunnel is a hop of its own, with its own time; a proxy stands with the connection through it", async () => {
    const home = makeSshHome();
    const ssh = await startFakeSshServer({ methods: ["password"], accept: () => true });
    writeFileSync(home.knownHosts, ssh.knownHosts());
    const around = {
      home: home.folder,
      configFile: home.configFile,
      globalKnownHosts: "/dev/null",
      agent: null,
    };
    const { engine } = await runEngine(
      {
        version: 1,
        tunnels: [{ id: "bastion", type: "ssh", address: `127.0.0.1:${ssh.port}`, user: "ops" }],
        backends: [{ id: "b", via: "bastion", replication: "tcp://far:1" }],
      },
      { tunnels: { ssh: around, secrets: async () => "pw" } },
    );
    const found = await engine.testBackend("b", "run-2");
    expect(found.ok && found.value.steps).toMatchObject([
      { hop: "tunnel", outcome: "ok", tookMs: expect.any(Number) },
      { hop: "tcp", outcome: "ok", tookMs: expect.any(Number) },
    ]);
  });
});
