/** TypeScript of the checkout, bundled to run on plain Node: programs among the tests, and what scripts share with the app. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./setup/paths.mjs";

/**
 * TypeScript for Node; the set-up scripts stay where they are, since they find the checkout by their own place.
 * @param {string} source @param {string} outfile
 */
export async function bundleForNode(source, outfile) {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile,
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
