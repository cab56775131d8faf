/** Decides what a verified manifest means for the Shunt that runs. Pure. */
import semver from "semver";
import type { Reply } from "../contract/commands.ts";
import type { Release } from "../contract/update.ts";
import { accept, refuse } from "../failures.ts";
import type { ReleaseManifest, ReleasePackage } from "./signed-manifest.ts";

export interface RunningShunt {
  readonly version: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** What it was installed from ends with this: `.AppImage`, `.deb`, `.dmg`, `.exe`. */
  readonly packaging: string;
}

/** A release and what its package must hash to. */
export interface Offer {
  readonly release: Release;
  readonly sha512: string;
}

/** Null where this version is the newest. UPDATE_OTHER_CHANNEL, UPDATE_OLDER, UPDATE_NO_PACKAGE. */
export function judgeManifest(
  manifest: ReleaseManifest,
  channel: string,
  running: RunningShunt,
): Reply<Offer | null> {
  const { version } = manifest;
  if (manifest.channel !== channel)
    return refuse(
      "UPDATE_OTHER_CHANNEL",
      `The update feed is of channel ${manifest.channel}, and this Shunt follows ${channel}.`,
    );
  const order = semver.compare(version, running.version);
  if (order === 0) return accept(null);
  if (order < 0)
    return refuse(
      "UPDATE_OLDER",
      `The update feed offers ${version}, which is older than the ${running.version} that runs.`,
    );
  const found = manifest.packages.find((candidate) => fits(candidate, running));
  if (!found)
    return refuse(
      "UPDATE_NO_PACKAGE",
      `Version ${version} has no ${running.packaging} for ${running.platform} ${running.arch}.`,
    );
  const { file, bytes, sha512 } = found;
  return accept({ release: { version, released: manifest.released, file, bytes }, sha512 });
}

function fits(candidate: ReleasePackage, { platform, arch, packaging }: RunningShunt): boolean {
  return candidate.platform === platform && candidate.arch === arch && candidate.file.endsWith(packaging);
}
