/** Debian packages that the tests need: installed by root on Debian, named for everyone else. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { run } from "./child.mjs";
import { missingNeeds, needs } from "./needs.mjs";
import { say } from "./report.mjs";

const policyFile = "/usr/sbin/policy-rc.d";
const installTimeoutMs = 8 * 60_000;

/**
 * Installs what is missing for the tests, and for `also`, where that is possible, and says what stays missing.
 * @param {"tour"} [also]
 * @returns {Promise<import("./needs.mjs").NeedName[]>} what is still missing
 */
export async function ensureDebian(also) {
  const missing = missingNeeds(also);
  if (missing.length === 0) return [];
  const packages = missing.flatMap((name) => needs[name].packages);
  if (!isDebian()) return reportMissing(missing, "this is not a Debian system");
  if (process.getuid?.() !== 0)
    return reportMissing(missing, `run as root, or: sudo apt-get install ${packages.join(" ")}`);
  say(`installing from Debian: ${packages.join(" ")}`);
  const failure = await withoutStartingServices(() => install(packages));
  const still = missingNeeds(also);
  return still.length === 0
    ? []
    : reportMissing(still, failure ?? "apt-get reported success, but they are not there");
}

/**
 * @param {readonly string[]} packages
 * @returns {Promise<string | null>} why it failed
 */
async function install(packages) {
  const first = hasPackageLists() ? await aptInstall(packages) : null;
  if (first?.code === 0) return null;
  // No lists yet, or they are old and name versions that the mirror no longer has.
  const update = await apt(["update"]);
  const end = await aptInstall(packages);
  if (end.code === 0) return null;
  const complaint = lastComplaint(end.output) ?? lastComplaint(update.output);
  return end.timedOut
    ? "apt-get did not finish in time"
    : `apt-get failed: ${complaint ?? `exit code ${end.code}`}`;
}

/** @param {readonly string[]} packages */
function aptInstall(packages) {
  return apt(["install", "-y", "--no-install-recommends", ...packages]);
}

/** @param {readonly string[]} args */
function apt(args) {
  return run("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=2", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeoutMs: installTimeoutMs,
  });
}

/**
 * Debian starts a service as soon as it is installed; a policy of 101 forbids that, and is taken away afterwards.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withoutStartingServices(work) {
  const ours = !existsSync(policyFile);
  if (ours) writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    return await work();
  } finally {
    if (ours) rmSync(policyFile, { force: true });
  }
}

/** @param {import("./needs.mjs").NeedName[]} missing @param {string} why */
function reportMissing(missing, why) {
  say(`not installed, so the tests that need them are skipped: ${missing.join(", ")} (${why})`);
  return missing;
}

/** @param {string} output */
function lastComplaint(output) {
  return output.match(/^[EW]: .+$/gm)?.find((line) => line.startsWith("E:"));
}

function isDebian() {
  if (process.platform !== "linux" || !existsSync("/etc/os-release")) return false;
  const release = readFileSync("/etc/os-release", "utf8");
  return /^ID(_LIKE)?=.*debian/m.test(release) && existsSync("/usr/bin/apt-get");
}

function hasPackageLists() {
  const folder = "/var/lib/apt/lists";
  return (
    existsSync(folder) &&
    readdirSync(folder).some((name) => name.endsWith("_Packages") || name.includes("_Packages."))
  );
}
