/** The engine's worker thread: forwards bytes where neither Chromium's loop nor a native dialog can hold them up. */
import { parentPort } from "node:worker_threads";
import { createEngine } from "../../app/engine/engine.ts";
import { answerCalls } from "./thread-link.ts";

if (!parentPort) throw new Error("This is a worker's script.");
const engine = createEngine();
const { onEvent, ...methods } = engine;
const send = answerCalls(parentPort, methods);
onEvent(send);
