import { describe, expect, test } from "vitest";
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { ClientAddress, SavedConfig } from "../../app/contract/commands.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { cleanUpAfterEach, freePort, until } from "../support/running-engine.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";
import { cleanUp } from "../support/running-engine.ts";
import { runService, type RunningService } from "./running-service.ts";

cleanUpAfterEach();

interface Setting {
  readonly config: ShuntConfig;
  readonly port: number;
  readonly otherPort: number;
}

async function setting(): Promise<Setting> {
  const backend = await startTcpBackend();
  cleanUp(() => backend.close());
  const [port, otherPort] = [await freePort(), await freePort()];
  const target = { transport: "amps", target: "a" } as const;
  return {
    port,
    otherPort,
    config: {
      version: 1,
      tunnels: [],
      backends: [{ id: "a", amps: `tcp://127.0.0.1:${backend.port}` }],
      pools: [],
      routes: [
        { id: "r", listen: `127.0.0.1:${port}`, ...target },
        { id: "s", listen: `127.0.0.1:${otherPort}`, ...target, enabled: false },
      ],
    },
  };
}

async function stateOf({ ask }: RunningService, id: string): Promise<string | undefined> {
  const { routes } = await ask<Snapshot>("snapshot.get");
  return routes.find((route) => route.id === id)?.state;
}

async function activity({ ask }: RunningService): Promise<readonly ActivityEntry[]> {
  return ask<readonly ActivityEntry[]>("activity.list");
}

describe("every command answers", () => {
  test("what it is asked for, when the argument is good", async () => {
    const { config, port } = await setting();
    const running = await runService(config);
    const { ask } = running;
    expect(await ask("about.get")).toEqual({
      version: "1.2.3",
      runtime: "headless",
      engine: "Node.js",
      platform: "test",
      configFile: "/somewhere/config.json",
    });
    expect(await ask("config.get")).toEqual({ revision: 1, config, notice: null });
    expect(await ask("config.check", { config })).toEqual([]);
    expect(await ask("config.check", { config: { version: 1, x: 1 } })).toEqual([
      { path: "x", message: "is not a known key here; remove it or check its spelling" },
    ]);
    expect(await ask("history.get")).toEqual({});
    expect(await stateOf(running, "r")).toBe("listening");
    expect(await stateOf(running, "s")).toBe("stopped");
    expect(await ask("route.retry", { id: "r" })).toBeNull();
    expect(await ask<ClientAddress[]>("route.addresses", { id: "r" })).toContainEqual(
      expect.objectContaining({ value: `tcp://127.0.0.1:${port}/amps/json` }),
    );
    expect(await ask("listen.suggest", { listen: `127.0.0.1:${port}` })).toMatchObject({
      owner: 'route "r"',
    });
    expect(await ask("backend.probe", { id: "a" })).toBeNull();
    expect((await ask<Snapshot>("snapshot.get")).backends[0]?.health).toBe("up");
    expect(await ask("sandbox.status")).toEqual({ running: false, instances: [] });
  });

  test.each<readonly [string, unknown, string]>([
    ["config.put", { config: { version: 1 }, revision: 7 }, "CONFIG_CONFLICT"],
    ["config.put", { config: { version: 1, x: 1 }, revision: 1 }, "CONFIG_INVALID"],
    ["config.put", { config: null, revision: 1 }, "CONFIG_INVALID"],
    ["config.put", { revision: "1" }, "BAD_ARGUMENT"],
    ["config.put", { config: {}, revision: 1, graceMs: -1 }, "BAD_ARGUMENT"],
    ["config.put", { config: {}, revision: 1, graceMs: 1e12 }, "BAD_ARGUMENT"],
    ["config.put", { config: {}, revision: 1, force: true }, "BAD_ARGUMENT"],
    ["config.put", null, "BAD_ARGUMENT"],
    ["config.check", {}, "BAD_ARGUMENT"],
    ["config.check", [], "BAD_ARGUMENT"],
    ["routes.enable", { ids: ["none"], enabled: true }, "NOT_FOUND"],
    ["routes.enable", { ids: "r", enabled: true }, "BAD_ARGUMENT"],
    ["routes.enable", { ids: ["r"], enabled: "yes" }, "BAD_ARGUMENT"],
    ["routes.enable", { ids: [{}], enabled: true }, "BAD_ARGUMENT"],
    ["route.retry", { id: "none" }, "NOT_FOUND"],
    ["route.retry", "r", "BAD_ARGUMENT"],
    ["route.addresses", { id: "none" }, "NOT_FOUND"],
    ["route.addresses", { id: "x".repeat(65) }, "BAD_ARGUMENT"],
    ["listen.suggest", { listen: "nowhere" }, "BAD_ARGUMENT"],
    ["listen.suggest", { listen: 9007 }, "BAD_ARGUMENT"],
    ["connection.close", { id: "c999" }, "NOT_FOUND"],
    ["connection.close", {}, "BAD_ARGUMENT"],
    ["backend.probe", { id: "none" }, "NOT_FOUND"],
    ["sandbox.stop", {}, "BAD_ARGUMENT"],
    ["sandbox.act", { instance: "none", action: { do: "stop" } }, "NOT_FOUND"],
    ["sandbox.act", { instance: "amps-a", action: { do: "burn" } }, "BAD_ARGUMENT"],
    ["sandbox.act", { instance: "amps-a", action: { do: "slow", delayMs: -1 } }, "BAD_ARGUMENT"],
    ["sandbox.act", { instance: "amps-a", action: { do: "downgrade" } }, "BAD_ARGUMENT"],
    ["about.get", {}, "BAD_ARGUMENT"],
    ["snapshot.get", "x", "BAD_ARGUMENT"],
    ["activity.list", 1, "BAD_ARGUMENT"],
    ["nothing.here", null, "UNKNOWN_COMMAND"],
    ["__proto__", null, "UNKNOWN_COMMAND"],
    ["constructor", null, "UNKNOWN_COMMAND"],
    ["", null, "UNKNOWN_COMMAND"],
  ])("%s with %j: %s, and nothing changes", async (name, argument, code) => {
    const { config } = await setting();
    const running = await runService(config);
    expect(await running.refusal(name, argument)).toBe(code);
    expect(running.saves).toEqual([]);
    expect(await running.ask("config.get")).toEqual({ revision: 1, config, notice: null });
    expect(await stateOf(running, "r")).toBe("listening");
  });
});

describe("putting a configuration", () => {
  test("saves it, applies it, and tells it once, under the next revision", async () => {
    const { config, otherPort } = await setting();
    const running = await runService(config);
    const next = { ...config, routes: config.routes.map(({ enabled: _, ...route }) => route) };
    const saved = await running.ask<SavedConfig>("config.put", { config: next, revision: 1 });
    expect(saved).toEqual({ revision: 2, config: next, notice: null });
    expect(running.saves).toEqual([next]);
    expect(running.events.filter((event) => event.type === "config")).toEqual([
      { type: "config", revision: 2 },
    ]);
    expect(await stateOf(running, "s")).toBe("listening");
    await connectTcp(otherPort);
    const applied = (await activity(running)).filter((entry) => entry.event === "config-applied");
    expect(applied).toHaveLength(1);
  });

  test("from an older revision is a conflict, whoever came first", async () => {
    const { config } = await setting();
    const running = await runService(config);
    const put = (note: string) =>
      running.service.handle("config.put", {
        config: { ...config, pools: [{ id: note, members: ["a"] }] },
        revision: 1,
      });
    const [first, second] = await Promise.all([put("p1"), put("p2")]);
    expect(first).toMatchObject({ ok: true });
    expect(second).toMatchObject({ ok: false, failure: { code: "CONFIG_CONFLICT", hop: "config" } });
    expect(running.saves.map((saved) => saved.pools[0]?.id)).toEqual(["p1"]);
  });

  test("that is not valid names every problem, and changes nothing", async () => {
    const { config } = await setting();
    const running = await runService(config);
    const bad = { ...config, extra: 1, routes: [{ ...config.routes[0], listen: "nowhere" }] };
    const reply = await running.service.handle("config.put", { config: bad, revision: 1 });
    expect(reply).toMatchObject({ ok: false, failure: { code: "CONFIG_INVALID" } });
    const paths = reply.ok ? [] : reply.failure.problems?.map((problem) => problem.path);
    expect([...(paths ?? [])].sort()).toEqual(["extra", "routes[0].listen"]);
    expect(running.saves).toEqual([]);
    expect(running.events.filter((event) => event.type === "config")).toEqual([]);
  });

  test("that cannot be saved is not applied either", async () => {
    const { config, otherPort } = await setting();
    const running = await runService(config);
    running.failSaves(true);
    const next = { ...config, routes: config.routes.map(({ enabled: _, ...route }) => route) };
    expect(await running.refusal("config.put", { config: next, revision: 1 })).toBe("CONFIG_NOT_SAVED");
    expect(await running.ask("config.get")).toMatchObject({ revision: 1, config });
    await expect(connectTcp(otherPort)).rejects.toThrow("ECONNREFUSED");
    running.failSaves(false);
    expect(await running.ask("config.put", { config: next, revision: 1 })).toMatchObject({ revision: 2 });
  });

  test("keeps its placeholders in what is saved, and runs their values", async () => {
    const { config, port } = await setting();
    const running = await runService({ ...config, routes: [] }, { env: { PORT: String(port) } });
    const route = { id: "r", listen: "127.0.0.1:${PORT}", transport: "amps" as const, target: "a" };
    await running.ask("config.put", { config: { ...config, routes: [route] }, revision: 1 });
    expect(running.saves[0]?.routes).toEqual([route]);
    expect((await running.ask<Snapshot>("snapshot.get")).routes[0]?.listen).toBe(`127.0.0.1:${port}`);
    expect(await running.ask<ClientAddress[]>("route.addresses", { id: "r" })).toContainEqual(
      expect.objectContaining({ value: `tcp://127.0.0.1:${port}/amps/json` }),
    );
  });
});

describe("enabling and disabling", () => {
  test("are saved, several at once, and a route that is on has no key for it", async () => {
    const { config } = await setting();
    const running = await runService(config);
    await running.ask("routes.enable", { ids: ["r", "s"], enabled: true });
    expect(running.saves.at(-1)?.routes.map((route) => "enabled" in route)).toEqual([false, false]);
    expect(await stateOf(running, "s")).toBe("listening");
    await running.ask("routes.enable", { ids: ["r", "s"], enabled: false });
    expect(running.saves.at(-1)?.routes.map((route) => route.enabled)).toEqual([false, false]);
    expect([await stateOf(running, "r"), await stateOf(running, "s")]).toEqual(["stopped", "stopped"]);
    expect(await running.ask("config.get")).toMatchObject({ revision: 3 });
  });

  test("one unknown id among them changes none", async () => {
    const { config } = await setting();
    const running = await runService(config);
    expect(await running.refusal("routes.enable", { ids: ["s", "none"], enabled: true })).toBe("NOT_FOUND");
    expect(running.saves).toEqual([]);
  });

  test("a route whose address was given away meanwhile is refused with the reason", async () => {
    const { config, port } = await setting();
    const clash = {
      ...config,
      routes: config.routes.map((route) => ({ ...route, listen: `127.0.0.1:${port}` })),
    };
    const running = await runService(clash);
    const reply = await running.service.handle("routes.enable", { ids: ["s"], enabled: true });
    expect(reply).toMatchObject({
      ok: false,
      failure: { code: "CONFIG_INVALID", problems: [{ path: "routes[1].listen" }] },
    });
    expect(await stateOf(running, "r")).toBe("listening");
  });

  test("disabling drains, and disabling again without grace cuts", async () => {
    const { config, port } = await setting();
    const running = await runService(config);
    const client = await connectTcp(port);
    client.socket.write(frame('{"c":"logon"}'));
    await until(async () => (await running.ask<Snapshot>("snapshot.get")).connections.length === 1);
    await running.ask("routes.enable", { ids: ["r"], enabled: false, graceMs: 60_000 });
    expect(await stateOf(running, "r")).toBe("draining");
    await running.ask("routes.enable", { ids: ["r"], enabled: false, graceMs: 0 });
    expect(await client.ended).toBe("ECONNRESET");
    expect(await stateOf(running, "r")).toBe("stopped");
  });
});

test("a connection is closed by its id, with a reset, and the activity says by whom", async () => {
  const { config, port } = await setting();
  const running = await runService(config);
  const client = await connectTcp(port);
  client.socket.write(frame('{"c":"logon","client_name":"view-7"}'));
  const row = await until(async () => {
    const { connections } = await running.ask<Snapshot>("snapshot.get");
    return connections.find((connection) => connection.ampsClient === "view-7");
  });
  await running.ask("connection.close", { id: row.id });
  expect(await client.ended).toBe("ECONNRESET");
  expect(await activity(running)).toContainEqual(
    expect.objectContaining({
      event: "connection-cut",
      connection: row.id,
      message: expect.stringContaining("view-7") as string,
    }),
  );
  expect(await running.refusal("connection.close", { id: row.id })).toBe("NOT_FOUND");
});

describe("at the start", () => {
  test("a notice of the store is in the activity, as an error", async () => {
    const { config } = await setting();
    const running = await runService(config, { notice: "The file was damaged and kept as x." });
    expect(await activity(running)).toContainEqual(
      expect.objectContaining({
        event: "config-restored",
        severity: "error",
        message: "The file was damaged and kept as x.",
      }),
    );
    expect(await running.ask("config.get")).toMatchObject({ notice: "The file was damaged and kept as x." });
  });

  test("a configuration whose variables are not set here is kept and not in force, and says why", async () => {
    const { config } = await setting();
    const document = { ...config, backends: [{ id: "a", amps: "tcp://${AMPS_HOST}:9007" }] };
    const running = await runService(document);
    expect(await running.ask("config.get")).toMatchObject({ config: document });
    expect(await activity(running)).toContainEqual(
      expect.objectContaining({
        event: "config-refused",
        severity: "error",
        message: expect.stringContaining("AMPS_HOST is not set") as string,
      }),
    );
    expect((await running.ask<Snapshot>("snapshot.get")).routes).toEqual([]);
    expect(running.saves).toEqual([]);
  });
});

test("a configuration that changed outside is in force under the next revision, and is not saved again", async () => {
  const { config } = await setting();
  const running = await runService(config);
  await running.service.adopt({ ...config, routes: [] });
  expect(running.service.current()).toMatchObject({ revision: 2, config: { routes: [] } });
  expect(running.saves).toEqual([]);
  expect((await running.ask<Snapshot>("snapshot.get")).routes).toEqual([]);
  expect(running.events).toContainEqual({ type: "config", revision: 2 });
  expect(await running.refusal("config.put", { config, revision: 1 })).toBe("CONFIG_CONFLICT");
});

test("closing twice is closing once, and frees the ports", async () => {
  const { config, port } = await setting();
  const { service, sandbox } = await runService(config);
  await Promise.all([service.close(0), service.close(0)]);
  await expect(connectTcp(port)).rejects.toThrow("ECONNREFUSED");
  expect(sandbox.calls).toEqual(["stop"]);
});

describe("the sandbox", () => {
  async function withSandbox() {
    const { config } = await setting();
    const document: ShuntConfig = {
      version: 1,
      tunnels: [],
      backends: [{ id: "amps-a", environment: "sandbox", amps: "tcp://127.0.0.1:9" }],
      pools: [],
      routes: [
        { id: "orders", listen: `127.0.0.1:${await freePort()}`, transport: "amps", target: "amps-a" },
      ],
    };
    return { config, running: await runService(config, { sandboxDocument: document }) };
  }

  test("starts, adds its rows beside the operator's, and is removed without touching those", async () => {
    const { config, running } = await withSandbox();
    expect(await running.ask("sandbox.start")).toMatchObject({ running: true });
    expect(running.sandbox.calls).toEqual(["start 2 from 21000"]);
    expect(running.saves.at(-1)?.backends.map((backend) => backend.id)).toEqual(["a", "amps-a"]);
    expect(running.saves.at(-1)?.routes.map((route) => route.id)).toEqual(["r", "s", "orders"]);
    expect(running.events).toContainEqual({ type: "sandbox", status: { running: true, instances: [] } });
    expect(await running.ask("sandbox.act", { instance: "amps-a", action: { do: "stop" } })).toMatchObject({
      running: true,
    });
    expect(await running.ask("sandbox.stop", { remove: true })).toEqual({ running: false, instances: [] });
    expect(running.service.current().config).toEqual(config);
    expect((await activity(running)).map((entry) => entry.event)).toEqual(
      expect.arrayContaining(["sandbox-started", "sandbox-changed", "sandbox-stopped"]) as string[],
    );
  });

  test("stopped without removing keeps its rows", async () => {
    const { running } = await withSandbox();
    await running.ask("sandbox.start");
    await running.ask("sandbox.stop", { remove: false });
    expect(running.service.current().config.backends.map((backend) => backend.id)).toEqual(["a", "amps-a"]);
  });

  test("that cannot start, or whose rows cannot be saved, leaves nothing behind", async () => {
    const { config, running } = await withSandbox();
    running.sandbox.refuseStart = true;
    expect(await running.refusal("sandbox.start")).toBe("SANDBOX_FAILED");
    running.sandbox.refuseStart = false;
    running.failSaves(true);
    expect(await running.refusal("sandbox.start")).toBe("CONFIG_NOT_SAVED");
    expect(await running.ask("sandbox.status")).toMatchObject({ running: false });
    expect(running.service.current().config).toEqual(config);
  });
});
