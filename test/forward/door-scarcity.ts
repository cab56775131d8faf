/**
 * A program: `door-scarcity ADDON BACKEND-PORT`, with few descriptors (ulimit -n). Serves the backend on a route, prints
 * `{ port, most }`, and obeys lines on standard input: `fill` takes every descriptor that is left and `free` gives them back, `tell` prints
 * `{ cpuMs, open, refused, codes }`, each with a line as its answer.
 */
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseConfig } from "../../app/config/parse-config.ts";
import { createEngine } from "../../app/engine/engine.ts";
import { loadNativeAddon } from "../../app/forward/native-addon.ts";
import { createAdmission } from "../../app/listen/admission.ts";
import { freePort } from "../support/free-port.ts";

const [file = "", backendPort = ""] = process.argv.slice(2);
const loaded = loadNativeAddon(file, {});
if ("missing" in loaded) throw new Error(`${file} is of no use: ${loaded.missing}`);
const { most } = createAdmission();
const engine = createEngine({ native: loaded, probeIntervalMs: 600_000, probeDownIntervalMs: 600_000 });
const port = await freePort();
const parsed = parseConfig(
  {
    version: 1,
    backends: [{ id: "a", amps: `tcp://127.0.0.1:${backendPort}` }],
    routes: [{ id: "r", listen: port, transport: "amps", target: "a" }],
  },
  {},
);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
await engine.apply(parsed.value.resolved, 0);

const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);
const held: number[] = [];

function fill(): void {
  try {
    for (;;) held.push(openSync("/dev/null", "r"));
  } catch {
    // None is left.
  }
}

say({ port, most });
createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "fill") fill();
  if (line === "free") for (const fd of held.splice(0)) closeSync(fd);
  if (line !== "tell") return say(line);
  void Promise.all([engine.snapshot(), engine.activity()]).then(([{ routes }, activity]) => {
    const { user, system } = process.cpuUsage();
    say({
      cpuMs: (user + system) / 1000,
      open: routes[0]?.connections.open,
      refused: routes[0]?.connections.refused,
      codes: [...new Set(activity.map(({ code }) => code).filter(Boolean))],
    });
  });
});
