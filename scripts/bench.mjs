/**
 * `npm run bench`: measures Shunt beside NGINX, HAProxy, socat and ssh, and writes docs/bench.md and docs/bench.svg.
 * Set-up is that of the tests; the bench itself is test/bench/main.ts.
 */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { resolveElectron } from "./electron-runtime.mjs";
import { standInFor } from "./setup/child.mjs";
import { ensureDebian } from "./setup/debian.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { SetupFailure, runScript } from "./setup/report.mjs";

const program = join(root, "node_modules/.cache/shunt-bench/bench.mjs");

await runScript(async () => {
  const args = process.argv.slice(2);
  if (process.platform !== "linux")
    throw new SetupFailure("the bench reads /proc and pins with taskset: it runs on Linux");
  if (!args.includes("--help")) {
    await prepare();
    await ensureDebian();
    await resolveElectron({ allowRegistry: true });
  } else await prepare();
  await bundle();
  const { code } = await standInFor(process.execPath, [program, ...args], { cwd: root });
  return code;
});

/** TypeScript for Node; the set-up scripts stay where they are, since they find the checkout by their own place. */
async function bundle() {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: ["test/bench/main.ts"],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: "inline",
    logLevel: "warning",
    plugins: [
      {
        name: "scripts-stay",
        setup({ onResolve }) {
          onResolve({ filter: /\/scripts\/.*\.mjs$/ }, ({ path, resolveDir }) => ({
            path: pathToFileURL(resolve(resolveDir, path)).href,
            external: true,
          }));
        },
      },
    ],
  });
}
