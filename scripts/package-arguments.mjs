/** What electron-builder is told, for the Electron that there is. */
import { dirname, resolve } from "node:path";
import { userFolder } from "./setup/paths.mjs";
import { SetupFailure } from "./setup/report.mjs";

const fileProtocolFuse = "-c.electronFuses.grantFileProtocolExtraPrivileges=false";

const platformFlags = {
  linux: ["--linux", "-l"],
  darwin: ["--mac", "-m", "-o", "--macos"],
  win32: ["--win", "-w", "--windows"],
};

/**
 * @param {{ extra: readonly string[], runtime: { path: string, version: string }, platform?: NodeJS.Platform, arch?: string }} packing
 * @returns {string[]}
 */
export function packageArguments({ extra, runtime, platform = process.platform, arch = process.arch }) {
  // For another kind of machine electron-builder fetches the Electron itself.
  if (isForAnotherMachine(extra, platform, arch)) return [...extra, fileProtocolFuse];
  const major = Number.parseInt(runtime.version, 10);
  return [
    ...extra,
    `-c.electronDist=${distributionFolder(runtime.path, platform)}`,
    `-c.electronVersion=${runtime.version}`,
    // A fuse that an older Electron lacks makes electron-builder fail.
    ...(major >= 29 ? [fileProtocolFuse] : []),
  ];
}

/** @param {string} binary @param {NodeJS.Platform} platform */
function distributionFolder(binary, platform) {
  // macOS: …/dist/Electron.app/Contents/MacOS/Electron; elsewhere the binary is in the distribution's folder.
  return platform === "darwin" ? dirname(dirname(dirname(dirname(binary)))) : dirname(binary);
}

/** @param {readonly string[]} extra @param {NodeJS.Platform} platform @param {string} arch */
function isForAnotherMachine(extra, platform, arch) {
  const foreignPlatforms = Object.entries(platformFlags).filter(([name]) => name !== platform);
  const foreignFlags = foreignPlatforms.flatMap(([, flags]) => flags);
  const arches = ["x64", "arm64", "ia32", "armv7l", "universal"].filter((name) => name !== arch);
  return extra.some(
    (argument) => foreignFlags.includes(argument) || arches.includes(argument.replace(/^--/, "")),
  );
}

/**
 * Whether an unpacked app is all that is wanted; only that may be made with the old Electron from the registry.
 * @param {readonly string[]} extra
 */
export function isUnpackedOnly(extra) {
  if (extra.includes("--dir")) return true;
  const flags = Object.values(platformFlags).flat();
  const targets = extra.filter((argument) => !argument.startsWith("-"));
  return (
    extra.some((argument) => flags.includes(argument)) &&
    targets.length > 0 &&
    targets.every((t) => t === "dir")
  );
}

/**
 * What `--updates FILE` names, and the arguments that are left for electron-builder.
 * @param {readonly string[]} args
 * @returns {{ updatesFile: string | null, extra: string[] }}
 */
export function takeUpdatesFile(args) {
  const at = args.indexOf("--updates");
  const file = args[at + 1];
  if (at === -1) return { updatesFile: null, extra: [...args] };
  if (file === undefined || file.startsWith("-")) throw new SetupFailure("--updates wants a file");
  return { updatesFile: resolve(userFolder(), file), extra: [...args.slice(0, at), ...args.slice(at + 2)] };
}
