import { createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { ClientAddress, SavedConfig } from "../../app/contract/commands.ts";
import type { ExportPreview } from "../../app/contract/export.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";
import { activity, setting, stateOf } from "./one-route.ts";
import { runService } from "./running-service.ts";

cleanUpAfterEach();

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
      forwarding: { native: false, why: "it was not asked for" },
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
    ["route.restart", { id: "none" }, "NOT_FOUND"],
    ["route.restart", { id: "s" }, "BAD_ARGUMENT"],
    ["route.restart", { id: "r", graceMs: -1 }, "BAD_ARGUMENT"],
    ["route.listen-for-session", { id: "none", port: 9008 }, "NOT_FOUND"],
    ["route.listen-for-session", { id: "r", port: 9008 }, "BAD_ARGUMENT"],
    ["route.listen-for-session", { id: "r", port: 65_536 }, "BAD_ARGUMENT"],
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

test("a port for this session is in a route's addresses, and neither in its exports nor in what is saved", async () => {
  const { config } = await setting();
  const [taken, free] = [createServer(), await freePort()];
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void taken.close());
  const wanted = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  const [first] = config.routes;
  const running = await runService({ ...config, routes: first ? [{ ...first, listen: wanted }] : [] });
  await running.ask("route.listen-for-session", { id: "r", port: free });
  const addresses = await running.ask<ClientAddress[]>("route.addresses", { id: "r" });
  expect(addresses.map(({ value }) => value)).toContain(`tcp://127.0.0.1:${free}/amps/json`);
  const { files } = await running.ask<ExportPreview>("export.preview", { format: "haproxy" });
  const text = files.map((file) => file.text).join();
  expect(text).toContain(wanted);
  expect(text).not.toContain(String(free));
  expect(running.saves).toEqual([]);
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
    expect(applied.map(({ message }) => message)).toEqual(["The configuration was saved: route s changed."]);
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
