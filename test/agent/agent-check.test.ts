/** The agent's answers, and what a real HAProxy makes of them. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { answerAgent, type AgentMember } from "../../app/agent/agent-answer.ts";
import { available, programs } from "../support/available.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp } from "../support/tcp-client.ts";

cleanUpAfterEach();

describe("a member is", () => {
  const member = (id: string, more: Partial<AgentMember> = {}): AgentMember => ({
    id,
    health: "up",
    drained: false,
    load: null,
    ...more,
  });
  const load = { cpu: 0.63, memory: 0.5, clients: 19 };
  const pool = { id: "p", members: ["a", "b"] };
  const least = { ...pool, balance: "least-load" } as const;
  test.each<[string, string, Parameters<typeof answerAgent>[1]]>([
    ["ready up 100%", "up", { pool, members: [member("a")], guarded: null }],
    [
      "ready up 37%",
      "up by what is idle of its processor",
      { pool: least, members: [member("a", { load })], guarded: null },
    ],
    [
      "ready up 50%",
      "up by what is free of its memory",
      { pool: { ...least, load: "memory" }, members: [member("a", { load })], guarded: null },
    ],
    [
      "ready up 25%",
      "up by its clients against the fewest",
      {
        pool: { ...least, load: "clients" },
        members: [member("a", { load }), member("b", { load: { ...load, clients: 4 } })],
        guarded: null,
      },
    ],
    [
      "ready up 1%",
      "up, if barely, when busy",
      { pool: least, members: [member("a", { load: { ...load, cpu: 1 } })], guarded: null },
    ],
    [
      "ready up 100%",
      "up where its load is not known",
      { pool: least, members: [member("a")], guarded: null },
    ],
    ["drain", "drained", { pool, members: [member("a", { drained: true })], guarded: null }],
    ["ready down", "down", { pool, members: [member("a", { health: "down" })], guarded: null }],
    [
      "ready up 100%",
      "the active one for guarded clients, whatever its load",
      { pool: least, members: [member("a", { load })], guarded: { to: "a" } },
    ],
    ["maint", "not the active one", { pool, members: [member("a")], guarded: { to: "b" } }],
    ["maint", "held", { pool, members: [member("a")], guarded: { held: "why" } }],
    ["maint", "no member at all", { pool, members: [member("b")], guarded: null }],
  ])("%s where it is %s", (answer, _when, question) => {
    expect(answerAgent("a", question)).toBe(answer);
  });
});

async function setUp() {
  const [one, two] = [await startTcpBackend(), await startTcpBackend()];
  cleanUp(() => one.close());
  cleanUp(() => two.close());
  const agent = await freePort();
  const document = {
    version: 1,
    backends: [
      { id: "one", amps: `tcp://127.0.0.1:${one.port}` },
      { id: "two", amps: `tcp://127.0.0.1:${two.port}` },
    ],
    pools: [{ id: "pool", members: ["one", "two"], agent: `127.0.0.1:${agent}` }],
    routes: [
      { id: "in", listen: await freePort(), transport: "amps", target: "pool", clients: "publishers" },
    ],
  };
  const running = await runEngine(document);
  const ask = async (question: string) => {
    const client = await connectTcp(agent);
    client.socket.write(question);
    return (await client.whole()).toString();
  };
  return { ...running, ask, agent, ports: [one.port, two.port] as const, document };
}

test("over the wire: guarded clients have one place to go, subscribers have all; nonsense is cut off", async () => {
  const { ask, engine, apply, document } = await setUp();
  expect(await ask("one\n")).toBe("ready up 100%\n");
  expect(await ask("two\n")).toBe("maint\n");
  expect(await ask("two subscribers\n")).toBe("ready up 100%\n");
  expect(await ask("x".repeat(4_000))).toBe("");
  await engine.promote("pool", "two");
  expect([await ask("one\n"), await ask("two\n")]).toEqual(["maint\n", "ready up 100%\n"]);
  await apply({ ...document, pools: [{ id: "pool", members: ["one", "two"] }] });
  await expect(ask("one\n")).rejects.toThrow(/ECONNREFUSED/);
});

test("an address that is taken is told", async () => {
  const { apply, document, activity } = await setUp();
  const taken = await startTcpBackend();
  cleanUp(() => taken.close());
  await apply({
    ...document,
    pools: [{ id: "pool", members: ["one", "two"], agent: `127.0.0.1:${taken.port}` }],
  });
  expect((await activity()).at(-1)).toMatchObject({
    event: "agent-failed",
    message: expect.stringContaining("EADDRINUSE"),
  });
});

test.skipIf(!available.haproxy)(
  "HAProxy sends publishers to the active member only, follows a promotion, and comes back",
  async () => {
    const { engine, agent, ports } = await setUp();
    const folder = mkdtempSync(join(tmpdir(), "shunt-haproxy-"));
    cleanUp(() => rmSync(folder, { recursive: true }));
    const control = join(folder, "control.sock");
    const servers = ["one", "two"].map(
      (id, at) =>
        `  server ${id} 127.0.0.1:${ports[at]} check inter 100ms agent-check agent-addr 127.0.0.1 agent-port ${agent} agent-inter 100ms agent-send "${id}\\n"`,
    );
    writeFileSync(
      join(folder, "haproxy.cfg"),
      [
        "global",
        `  stats socket ${control} level admin`,
        "defaults",
        "  mode tcp",
        "  timeout connect 1s",
        "  timeout client 10s",
        "  timeout server 10s",
        "listen publishers",
        `  bind 127.0.0.1:${await freePort()}`,
        ...servers,
        "",
      ].join("\n"),
    );
    const haproxy = spawn(programs.haproxy ?? "haproxy", ["-f", join(folder, "haproxy.cfg"), "-db"], {
      stdio: "ignore",
    });
    cleanUp(() => new Promise<void>((resolve) => (haproxy.once("exit", () => resolve()), haproxy.kill())));
    const states = async () => {
      const text = await command(control, "show stat");
      const rows = text.split("\n").map((line) => line.split(","));
      const status = rows[0]?.indexOf("status") ?? -1;
      return ["one", "two"].map((id) => rows.find((row) => row[1] === id)?.[status] ?? "");
    };
    const become = (one: RegExp, two: RegExp) =>
      until(async () => {
        const [first = "", second = ""] = await states().catch(() => []);
        return one.test(first) && two.test(second);
      }, `${one} ${two}`);
    await become(/^UP/, /^MAINT/);
    await engine.promote("pool", "two");
    await become(/^MAINT/, /^UP/);
    await engine.promote("pool", "one");
    await become(/^UP/, /^MAINT/);
  },
);

function command(socketPath: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let answer = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => (answer += chunk.toString()));
    socket.on("end", () => resolve(answer));
    socket.end(`${text}\n`);
  });
}
