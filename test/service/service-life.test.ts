import { describe, expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { activity, setting } from "./one-route.ts";
import { runService } from "./running-service.ts";

cleanUpAfterEach();

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
  await running.service.adopt(() => ({ ...config, routes: [] }));
  expect(running.service.current()).toMatchObject({ revision: 2, config: { routes: [] } });
  expect(running.saves).toEqual([]);
  expect((await running.ask<Snapshot>("snapshot.get")).routes).toEqual([]);
  expect(running.events).toContainEqual({ type: "config", revision: 2 });
  expect(await running.refusal("config.put", { config, revision: 1 })).toBe("CONFIG_CONFLICT");
});

test("who hears of a change meets an engine that has it", async () => {
  const { config } = await setting();
  const { service, ask } = await runService({ ...config, routes: [] });
  const id = config.routes[0]?.id;
  const asked = new Promise((resolve) => {
    service.onEvent(({ type }) => type === "config" && resolve(service.handle("route.restart", { id })));
  });
  await ask("config.put", { config, revision: 1 });
  expect(await asked).toEqual({ ok: true, value: null });
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
