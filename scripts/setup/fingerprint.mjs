/** Whether something built still matches its sources: by content, so that a checkout or a deletion counts too. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

/**
 * One hash over the names and contents of files and folders.
 * @param {string} folder names are taken relative to it
 * @param {readonly string[]} inputs files or folders in it; one that does not exist counts as absent
 */
export function fingerprint(folder, inputs) {
  const hash = createHash("sha256");
  for (const file of inputs.flatMap((input) => filesIn(join(folder, input))).sort()) {
    const content = readFileSync(file);
    hash.update(`${relative(folder, file).split(sep).join("/")}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/**
 * Whether a build must be made again: no stamp, another fingerprint, or an output gone.
 * @param {{ stampFile: string, fingerprint: string, outputs: readonly string[] }} build outputs are absolute paths
 */
export function isStale({ stampFile, fingerprint: wanted, outputs }) {
  if (!existsSync(stampFile) || readFileSync(stampFile, "utf8").trim() !== wanted) return true;
  return outputs.some((output) => !existsSync(output));
}

/** @param {string} path @returns {string[]} */
function filesIn(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  if (stat.isFile()) return [path];
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}
