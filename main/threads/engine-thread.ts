/** The engine's worker thread: forwards bytes where neither Chromium's loop nor a native dialog can hold them up. */
import { parentPort, workerData } from "node:worker_threads";
import { createEngine } from "../../app/engine/engine.ts";
import { createFileGuardStore } from "../../app/guard/guard-store.ts";
import { loadNativeAddon } from "../../app/forward/native-addon.ts";
import { nativeAddonFile } from "../native-addon-file.ts";
import type { EngineThreadOptions } from "./engine-client.ts";
import { answerCalls } from "./thread-link.ts";

if (!parentPort) throw new Error("This is a worker's script.");
const { guardFile, ownKnownHosts } = workerData as EngineThreadOptions;
const engine = createEngine({
  asksOperator: true,
  tunnels: { ownKnownHosts },
  native: loadNativeAddon(nativeAddonFile),
  ...(guardFile !== null && { guardStore: createFileGuardStore(guardFile) }),
});
const { onEvent, ...methods } = engine;
const send = answerCalls(parentPort, methods);
onEvent(send);
