/** The engine's thread, stood in for by a script that can be made to die. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineHandle } from "../../app/engine/engine-handle.ts";
import { startEngineThread } from "../../main/threads/engine-client.ts";
import { until } from "../support/running-engine.ts";
import { config, route } from "./facts.ts";

const script = `
  const { parentPort } = require("node:worker_threads");
  const done = [];
  parentPort.on("message", ({ call, method, parameters }) => {
    if (method === "retryRoute") throw new Error("a defect");
    done.push([method, parameters[0]]);
    parentPort.postMessage({ answer: call, value: method === "history" ? done : null });
  });`;

let directory: string;
let engine: EngineHandle | null = null;
beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), "shunt-thread-"))));
afterEach(async () => {
  await engine?.close(0);
  rmSync(directory, { recursive: true, force: true });
});

test("an engine that dies is told of, started again, and given what it ran", async () => {
  const file = path.join(directory, "engine.cjs");
  writeFileSync(file, script);
  const heard: boolean[] = [];
  engine = startEngineThread(file, { guardFile: null, ownKnownHosts: "/nowhere/known_hosts" }, (alive) =>
    heard.push(alive),
  );
  const applied = config({ routes: [route("orders")] });
  const following = { often: true, connections: true };
  await engine.apply(applied, 0);
  await engine.follow(following);
  expect(heard).toEqual([]);
  await expect(engine.retryRoute("orders")).rejects.toThrow("The thread has ended");
  await until(() => heard.length === 2, "the new thread");
  expect(heard).toEqual([false, true]);
  const done = (await engine.history()) as unknown as [method: string, parameter: unknown][];
  expect(done[0]).toMatchObject([
    "note",
    { severity: "error", message: expect.stringContaining("a defect") },
  ]);
  expect(done.slice(1, 3)).toEqual([
    ["apply", applied],
    ["follow", following],
  ]);
});

test("an engine that is closed stays closed and is not told of", async () => {
  const file = path.join(directory, "engine.cjs");
  writeFileSync(file, script);
  const heard: boolean[] = [];
  engine = startEngineThread(file, { guardFile: null, ownKnownHosts: "/nowhere/known_hosts" }, (alive) =>
    heard.push(alive),
  );
  await engine.close(0);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(heard).toEqual([]);
});
