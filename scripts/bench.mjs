/**
 * `npm run bench`: measures Shunt beside NGINX, HAProxy, bare Node.js sockets, socat and ssh, and writes docs/bench.md and docs/bench.svg.
 * Set-up is that of the tests; the bench itself is test/bench/main.ts.
 */
import { loadavg } from "node:os";
import { join } from "node:path";
import { bundleForNode } from "./bundle-tests.mjs";
import { resolveElectron } from "./electron-runtime.mjs";
import { standInFor } from "./setup/child.mjs";
import { ensureDebian } from "./setup/debian.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { SetupFailure, runScript } from "./setup/report.mjs";

const program = join(root, "node_modules/.cache/shunt-bench/bench.mjs");

process.env.SHUNT_BENCH_LOAD = String(loadavg()[0]);

await runScript(async () => {
  const args = process.argv.slice(2);
  if (process.platform !== "linux")
    throw new SetupFailure("the bench reads /proc and pins with taskset: it runs on Linux");
  if (!args.includes("--help")) {
    await prepare();
    await ensureDebian();
    await resolveElectron({ allowRegistry: true });
  } else await prepare();
  await bundleForNode("test/bench/main.ts", program);
  const { code } = await standInFor(process.execPath, [program, ...args], { cwd: root });
  return code;
});
