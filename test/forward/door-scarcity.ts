/**
 * A program: `door-scarcity ADDON BACKEND-PORT`, with few descriptors (ulimit -n); ADDON `none` does without. Serves the backend on a route
 * of its own and as a pool's member, prints `{ port, poolPort, most }`, and obeys lines on standard input, each with a line as its answer:
 * `fill` takes every descriptor that is left, `free` gives them back and `free one` one of them, `probe` probes the backend,
 * `tell` prints `{ cpuMs, open, refused, codes, health }`.
 */
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseConfig } from "../../app/config/parse-config.ts";
import { createEngine } from "../../app/engine/engine.ts";
import { loadNativeAddon } from "../../app/forward/native-addon.ts";
import { createAdmission } from "../../app/listen/admission.ts";
import { freePort } from "../support/free-port.ts";

const [file = "", backendPort = ""] = process.argv.slice(2);
const loaded = file === "none" ? { missing: "not wanted" } : loadNativeAddon(file, {});
if ("missing" in loaded && file !== "none") throw new Error(`${file} is of no use: ${loaded.missing}`);
const { most } = createAdmission();
const engine = createEngine({ native: loaded, probeIntervalMs: 600_000, probeDownIntervalMs: 600_000 });
const [port, poolPort] = [await freePort(), await freePort()];
const parsed = parseConfig(
  {
    version: 1,
    backends: [{ id: "a", amps: `tcp://127.0.0.1:${backendPort}` }],
    pools: [{ id: "p", members: ["a"] }],
    routes: [
      { id: "r", listen: port, transport: "amps", target: "a" },
      { id: "q", listen: poolPort, transport: "amps", target: "p", clients: "publishers" },
    ],
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

say({ port, poolPort, most });
createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "fill") fill();
  if (line === "free") for (const fd of held.splice(0)) closeSync(fd);
  if (line === "free one") for (const fd of held.splice(-1)) closeSync(fd);
  if (line === "probe") return void engine.probeBackend("a").then(() => say(line));
  if (line !== "tell") return say(line);
  void Promise.all([engine.snapshot(), engine.activity()]).then(([{ routes, backends }, activity]) => {
    const { user, system } = process.cpuUsage();
    say({
      cpuMs: (user + system) / 1000,
      open: routes[0]?.connections.open,
      refused: routes[0]?.connections.refused,
      health: backends[0]?.health,
      codes: [...new Set(activity.map(({ code }) => code).filter(Boolean))],
    });
  });
});
