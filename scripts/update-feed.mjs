/** The feed that offers a version: written and signed from the packages in a folder, and read back as the app will read it. */
import { createHash, createPrivateKey, sign } from "node:crypto";
import { createReadStream, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { bundleForNode } from "./bundle-tests.mjs";
import { root } from "./setup/paths.mjs";
import { SetupFailure } from "./setup/report.mjs";

/** electron-builder's words (`artifactName` in electron-builder.yml) and Node's. */
const platforms = { linux: "linux", mac: "darwin", win: "win32" };
const arches = { x64: "x64", x86_64: "x64", amd64: "x64", arm64: "arm64", aarch64: "arm64" };

/**
 * Where a build asks for updates, as `--updates FILE` gives it; a SetupFailure where the app would not accept it.
 * @param {string} file
 */
export async function readUpdateFacts(file) {
  const { readUpdateSource } = await appCode("update-source");
  let facts;
  try {
    facts = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SetupFailure(`${file} could not be read: ${error instanceof Error ? error.message : error}`);
  }
  const read = readUpdateSource(facts);
  if (!read.ok) throw new SetupFailure(`${file}: ${read.problem}`);
  return { facts, source: read.source };
}

/**
 * Writes the feed beside the packages of that version and returns its path.
 * @param {{ folder: string, updatesFile: string, keyFile: string, version: string, released: string }} release
 */
export async function writeUpdateFeed({ folder, updatesFile, keyFile, version, released }) {
  const { source } = await readUpdateFacts(updatesFile);
  const packages = await describePackages(folder, version);
  if (packages.length === 0)
    throw new SetupFailure(`${folder} has no package of ${version} (shunt-${version}-OS-ARCH.EXTENSION)`);
  const manifest = { product: "shunt", version, channel: source.channel, released, packages };
  const signed = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  const signature = sign(null, signed, readKey(keyFile)).toString("base64");
  const feed = Buffer.concat([Buffer.from(`shunt-update-1 ed25519 ${signature}\n`), signed]);
  const { openSignedManifest } = await appCode("signed-manifest");
  const opened = openSignedManifest(feed, source.publicKeys);
  if (!opened.ok) throw new SetupFailure(`the app would refuse this feed: ${opened.failure.message}`);
  const file = join(folder, basename(new URL(source.feed).pathname));
  writeFileSync(file, feed);
  return file;
}

/** @param {string} file */
function readKey(file) {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Said below, without a word of what is in the file.
  }
  throw new SetupFailure(`${file} is not an Ed25519 private key in PEM without a passphrase`);
}

/** @param {string} folder @param {string} version */
async function describePackages(folder, version) {
  const name = new RegExp(
    `^shunt-${version.replaceAll(".", "\\.").replaceAll("+", "\\+")}-(linux|mac|win)-(x64|x86_64|amd64|arm64|aarch64)\\.(AppImage|deb|dmg|exe)$`,
  );
  const found = [];
  for (const file of readdirSync(folder).sort()) {
    const [, os, arch] = name.exec(file) ?? [];
    if (os === undefined || arch === undefined) continue;
    const hash = createHash("sha512");
    await pipeline(createReadStream(join(folder, file)), hash);
    found.push({
      platform: platforms[/** @type {keyof typeof platforms} */ (os)],
      arch: arches[/** @type {keyof typeof arches} */ (arch)],
      file,
      bytes: statSync(join(folder, file)).size,
      sha512: hash.digest("hex"),
    });
  }
  return found;
}

/** A file of app/update, bundled for this Node. @param {string} name */
async function appCode(name) {
  const outfile = join(root, `node_modules/.cache/shunt-update/${name}-${process.pid}.mjs`);
  await bundleForNode(`app/update/${name}.ts`, outfile);
  return import(pathToFileURL(outfile).href);
}
