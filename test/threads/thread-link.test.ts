import { MessageChannel, Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { answerCalls, linkToWorker } from "../../main/threads/thread-link.ts";
import { startSandboxThread } from "../../main/threads/sandbox-client.ts";
import type { SandboxStatus } from "../../app/contract/sandbox.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { tempFolder } from "../tooling/temp-folder.ts";

cleanUpAfterEach();

/** Calls that a target answers behind a port, as a worker would. */
function answeredBy(target: Readonly<Record<string, (...parameters: never[]) => Promise<unknown>>>) {
  const { port1, port2 } = new MessageChannel();
  cleanUp(() => port1.close());
  const sendEvent = answerCalls(port2, target);
  const heard: unknown[] = [];
  const link = linkToWorker(port1 as unknown as Worker, (event) => heard.push(event));
  return { link, heard, sendEvent };
}

test("a call takes its parameters over and brings its answer back, in whatever order the answers come", async () => {
  const waiting: (() => void)[] = [];
  const { link } = answeredBy({
    add: async (one: number, other: number) => one + other,
    slow: () => new Promise((resolve) => waiting.push(() => resolve("slow"))),
  });
  const slow = link.call("slow");
  expect(await link.call("add", 2, 3)).toBe(5);
  waiting[0]?.();
  expect(await slow).toBe("slow");
});

test("a method that rejects, throws at once, or is not there is an answer, and later calls are answered too", async () => {
  const { link } = answeredBy({
    rejects: () => Promise.reject(new Error("later")),
    throws: () => {
      throw new Error("at once");
    },
    works: async () => 1,
  });
  await expect(link.call("rejects")).rejects.toThrow("later");
  await expect(link.call("throws")).rejects.toThrow("at once");
  await expect(link.call("none")).rejects.toThrow("There is no none.");
  await expect(link.call("constructor")).rejects.toThrow("There is no constructor.");
  expect(await link.call("works")).toBe(1);
});

test("events come in the order in which they were sent", async () => {
  const { heard, sendEvent } = answeredBy({});
  for (const event of [1, { two: 2 }, null]) sendEvent(event);
  await until(() => heard.length === 3);
  expect(heard).toEqual([1, { two: 2 }, null]);
});

test("calls that a dead thread cannot answer reject, those before its death and those after", async () => {
  const worker = new Worker(
    'require("node:worker_threads").parentPort.on("message", ({ method }) => method === "die" && process.exit());',
    { eval: true },
  );
  const link = linkToWorker(worker, () => undefined);
  const before = link.call("wait");
  await Promise.all([
    expect(before).rejects.toThrow("The thread has ended."),
    expect(link.call("die")).rejects.toThrow("The thread has ended."),
  ]);
  await expect(link.call("again")).rejects.toThrow("The thread has ended.");
});

/** A sandbox's thread that runs after `start`, dies of `act`, and counts how often it was begun. */
const standIn = `
  const { parentPort, threadId } = require("node:worker_threads");
  parentPort.on("message", ({ call, method, parameters }) => {
    if (method === "act") throw new Error("a defect");
    const status = { running: method !== "stop", instances: [{ name: String(threadId) }] };
    if (method === "start") parentPort.postMessage({ event: status });
    parentPort.postMessage({ answer: call, value: method === "start" ? { ok: true, value: status } : status });
  });`;

function sandboxThread() {
  const sandbox = startSandboxThread(`${tempFolder({ "sandbox.cjs": standIn })}/sandbox.cjs`);
  cleanUp(async () => void (await sandbox.stop()));
  const heard: SandboxStatus[] = [];
  sandbox.onChange((status) => heard.push(status));
  return { sandbox, heard };
}

const options = { instances: 2, basePort: 0 };
const notRunning = { running: false, instances: [] };

test("a sandbox that was never started has no thread: it is not running, and can do nothing", async () => {
  const { sandbox, heard } = sandboxThread();
  expect(await sandbox.status()).toEqual(notRunning);
  expect(await sandbox.stop()).toEqual(notRunning);
  expect(await sandbox.act("amps-a", { do: "stop" })).toMatchObject({
    ok: false,
    failure: { code: "SANDBOX_FAILED" },
  });
  expect((await sandbox.config()).backends).toEqual([]);
  expect(heard).toEqual([]);
});

test("a sandbox's thread is begun once, however often it is started, and ends when it is stopped", async () => {
  const { sandbox, heard } = sandboxThread();
  const [first, second] = await Promise.all([sandbox.start(options), sandbox.start(options)]);
  expect(second).toEqual(first);
  expect(await sandbox.stop()).toEqual(notRunning);
  expect(heard.at(-1)).toEqual(notRunning);
  expect(await sandbox.status()).toEqual(notRunning);
});

test("a sandbox whose thread dies says so, is not running, and can be started again", async () => {
  const { sandbox, heard } = sandboxThread();
  const first = await sandbox.start(options);
  expect(await sandbox.act("amps-a", { do: "stop" })).toMatchObject({
    ok: false,
    failure: { code: "SANDBOX_FAILED", message: expect.stringContaining("The sandbox ended") as string },
  });
  await until(() => heard.at(-1)?.running === false);
  expect(await sandbox.status()).toEqual(notRunning);
  const again = await sandbox.start(options);
  expect(again).toMatchObject({ ok: true, value: { running: true } });
  expect(again).not.toEqual(first);
});

test("a sandbox that does not stop is ended all the same", async () => {
  const stuck =
    'require("node:worker_threads").parentPort.on("message", ({ call, method }) => method === "stop" || require("node:worker_threads").parentPort.postMessage({ answer: call, value: { ok: true, value: { running: true, instances: [] } } }));';
  const sandbox = startSandboxThread(`${tempFolder({ "sandbox.cjs": stuck })}/sandbox.cjs`);
  await sandbox.start(options);
  const begun = performance.now();
  expect(await sandbox.stop()).toEqual(notRunning);
  expect(performance.now() - begun).toBeLessThan(3_000);
  expect(await sandbox.status()).toEqual(notRunning);
});
