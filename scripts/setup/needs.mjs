/** The programs and libraries from outside npm that tests (and the desktop app) need, and how to see that each is there. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/**
 * `find` answers with where it is, or null. `packages` are Debian's. What is `onlyFor` something else is nothing that the tests need.
 * @typedef {{ readonly packages: readonly string[], readonly find: () => string | null, readonly onlyFor?: "tour" }} Need
 */

/** What Electron loads, and the Debian package of each. */
const electronLibraries = {
  "libgtk-3.so.0": "libgtk-3-0",
  "libnss3.so": "libnss3",
  "libasound.so.2": "libasound2",
  "libgbm.so.1": "libgbm1",
  "libatk-bridge-2.0.so.0": "libatk-bridge2.0-0",
  "libXss.so.1": "libxss1",
  "libdrm.so.2": "libdrm2",
  "libxkbcommon.so.0": "libxkbcommon0",
  "libnotify.so.4": "libnotify4",
  "libsecret-1.so.0": "libsecret-1-0",
  "libXtst.so.6": "libxtst6",
  "libcups.so.2": "libcups2",
};

const libraryFolders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];

/** @satisfies {Record<string, Need>} */
export const needs = {
  nginx: { packages: ["nginx"], find: () => findProgram("nginx") },
  nginxStream: {
    packages: ["libnginx-mod-stream"],
    find: () => findFile(["/usr/lib/nginx/modules/ngx_stream_module.so"]),
  },
  haproxy: { packages: ["haproxy"], find: () => findProgram("haproxy") },
  sshd: { packages: ["openssh-server"], find: () => findProgram("sshd") },
  socat: { packages: ["socat"], find: () => findProgram("socat") },
  compiler: {
    packages: ["gcc", "libc6-dev"],
    find: () => findFile(["/usr/include/stdio.h"]) && findProgram("cc"),
  },
  ss: { packages: ["iproute2"], find: () => findProgram("ss") },
  microsocks: { packages: ["microsocks"], find: () => findProgram("microsocks") },
  tinyproxy: { packages: ["tinyproxy"], find: () => findProgram("tinyproxy") },
  squid: { packages: ["squid"], find: () => findProgram("squid") },
  faketime: {
    packages: ["libfaketime"],
    find: () => findFile(libraryFolders.map((folder) => join(folder, "faketime/libfaketime.so.1"))),
  },
  wrk: { packages: ["wrk"], find: () => findProgram("wrk") },
  sshAudit: { packages: ["ssh-audit"], find: () => findProgram("ssh-audit") },
  chromium: {
    packages: ["chromium"],
    find: () => findProgram("chromium") ?? findProgram("chromium-browser") ?? findProgram("google-chrome"),
  },
  xvfb: { packages: ["xvfb", "xauth"], find: () => findProgram("Xvfb") },
  ffmpeg: { packages: ["ffmpeg"], find: () => findProgram("ffmpeg"), onlyFor: "tour" },
  electronLibraries: {
    packages: Object.values(electronLibraries),
    find: findElectronLibraries,
  },
};

/** @typedef {keyof typeof needs} NeedName */

/**
 * Names of the needs of the tests, and of `also`, that are not met here.
 * @param {"tour"} [also]
 * @returns {NeedName[]}
 */
export function missingNeeds(also) {
  return needNames().filter((name) => {
    const { find, onlyFor } = /** @type {Need} */ (needs[name]);
    return (onlyFor === undefined || onlyFor === also) && find() === null;
  });
}

/** @returns {NeedName[]} */
export function needNames() {
  return /** @type {NeedName[]} */ (Object.keys(needs));
}

/**
 * Where a program is, looking in the administrator's folders too, which are not on everyone's PATH.
 * @param {string} name
 * @returns {string | null}
 */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"];
  return findFile(folders.filter(Boolean).map((folder) => join(folder, name)));
}

/**
 * The shared libraries that a Linux binary asks for and the system does not have.
 * @param {string} binary
 * @returns {string[]}
 */
export function missingLibraries(binary) {
  if (process.platform !== "linux") return [];
  const { status, stdout } = spawnSync("ldd", [binary], {
    encoding: "utf8",
    env: { ...process.env, LD_LIBRARY_PATH: dirname(binary) },
  });
  if (status !== 0) return [];
  return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => String(match[1]));
}

function findElectronLibraries() {
  if (process.platform !== "linux") return "part of the system";
  const { stdout } = spawnSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" });
  const known = String(stdout);
  const missing = Object.keys(electronLibraries).filter((soname) => !known.includes(`\t${soname} `));
  return missing.length === 0 ? "the system's libraries" : null;
}

/** @param {readonly string[]} candidates @returns {string | null} */
function findFile(candidates) {
  for (const candidate of candidates) {
    if (!existsSync(candidate)) continue;
    try {
      accessSync(candidate, constants.R_OK);
      return candidate;
    } catch {
      // Not for this user: look on.
    }
  }
  return null;
}
