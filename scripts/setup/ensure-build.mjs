/** dist/: rebuilt where its sources have changed since. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, isStale } from "./fingerprint.mjs";
import { root } from "./paths.mjs";
import { say } from "./report.mjs";

const tools = ["package.json", "package-lock.json", "tsconfig.json", "scripts/bundle.mjs"];

const parts = [
  {
    name: "main",
    inputs: ["app", "main", "build", ...tools],
    outputs: ["electron-main", "preload", "engine-thread", "sandbox-thread", "shunt"].map(
      (name) => `dist/main/${name}.cjs`,
    ),
  },
  {
    name: "renderer",
    inputs: ["renderer", "app/contract", "build/icon.svg", ...tools],
    outputs: ["dist/renderer/index.html"],
  },
];

/**
 * Builds what is stale; says so in one line.
 * @param {{ force?: boolean }} [options]
 */
export async function ensureBuild({ force = false } = {}) {
  const stale = parts
    .map((part) => ({
      ...part,
      stampFile: join(root, "dist", `${part.name}.stamp`),
      now: fingerprint(root, part.inputs),
    }))
    .filter(
      ({ stampFile, now, outputs }) =>
        force ||
        isStale({ stampFile, fingerprint: now, outputs: outputs.map((output) => join(root, output)) }),
    );
  if (stale.length === 0) return;
  say(`building ${stale.map((part) => part.name).join(" and ")}`);
  const { buildMain, buildRenderer } = await import("../bundle.mjs");
  for (const { name, stampFile, now } of stale) {
    rmSync(stampFile, { force: true });
    await (name === "main" ? buildMain() : buildRenderer());
    // Only a finished build gets its stamp; sources changed meanwhile make it stale again.
    mkdirSync(join(root, "dist"), { recursive: true });
    writeFileSync(stampFile, `${now}\n`);
  }
}
