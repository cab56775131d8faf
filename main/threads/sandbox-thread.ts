/** The sandbox's worker thread. */
import { parentPort } from "node:worker_threads";
import { createSandbox } from "../../app/sandbox/sandbox.ts";
import type { SandboxHandle } from "../../app/sandbox/sandbox-handle.ts";
import { answerCalls } from "./thread-link.ts";

if (!parentPort) throw new Error("This is a worker's script.");
const sandbox = createSandbox();
const methods: Omit<SandboxHandle, "onChange"> = {
  start: (options) => sandbox.start(options),
  stop: () => sandbox.stop(),
  act: (instance, action) => sandbox.act(instance, action),
  status: () => sandbox.status(),
  config: () => sandbox.config(),
};
sandbox.onChange(answerCalls(parentPort, { ...methods }));
