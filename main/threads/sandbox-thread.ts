/** The sandbox's worker thread. */
import { parentPort } from "node:worker_threads";
import { createSandbox } from "../../app/sandbox/sandbox.ts";
import { answerCalls } from "./thread-link.ts";

if (!parentPort) throw new Error("This is a worker's script.");
const { onChange, ...methods } = createSandbox();
const send = answerCalls(parentPort, methods);
onChange(send);
