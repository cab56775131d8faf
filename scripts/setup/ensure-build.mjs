/** dist/: rebuilt where its sources have changed since. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildNative, nativeTools } from "../build-native.mjs";
import { mainEntries } from "../bundle.mjs";
import { fingerprint, isStale } from "./fingerprint.mjs";
import { root } from "./paths.mjs";
import { say } from "./report.mjs";

const tools = ["package.json", "package-lock.json", "tsconfig.json", "scripts/bundle.mjs"];

/** @type {readonly { name: "main" | "renderer" | "native", inputs: string[], outputs: string[], also?: string }[]} */
const parts = [
  {
    name: "main",
    inputs: ["app", "main", "build", ...tools],
    outputs: Object.keys(mainEntries).map((name) => `dist/main/${name}.cjs`),
  },
  {
    name: "renderer",
    inputs: ["renderer", "app/contract", "build/icon.svg", ...tools],
    outputs: ["dist/renderer/index.html"],
  },
  {
    name: "native",
    inputs: ["native", "scripts/build-native.mjs"],
    // Without a compiler there is none; one that is installed later counts.
    outputs: "missing" in nativeTools() ? [] : ["dist/native/shunt.node"],
    also: JSON.stringify(nativeTools()),
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
      now: `${fingerprint(root, part.inputs)}${part.also ?? ""}`,
    }))
    .filter(
      ({ stampFile, now, outputs }) =>
        force ||
        isStale({ stampFile, fingerprint: now, outputs: outputs.map((output) => join(root, output)) }),
    );
  if (stale.length === 0) return;
  say(`building ${stale.map((part) => part.name).join(" and ")}`);
  const { buildMain, buildRenderer } = await import("../bundle.mjs");
  const build = { main: buildMain, renderer: buildRenderer, native: buildNative };
  for (const { name, stampFile, now } of stale) {
    rmSync(stampFile, { force: true });
    await build[name]();
    // Only a finished build gets its stamp; sources changed meanwhile make it stale again.
    mkdirSync(join(root, "dist"), { recursive: true });
    writeFileSync(stampFile, `${now}\n`);
  }
}
