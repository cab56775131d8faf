/**
 * What a feed says, and whose word it is. A feed is one line, `shunt-update-1 ed25519 SIGNATURE`, and behind its line feed
 * the manifest: the signature is over those bytes as they are, so nothing is read of them before it has been verified.
 */
import { verify, type KeyObject } from "node:crypto";
import semver from "semver";
import { z } from "zod";
import type { Reply } from "../contract/commands.ts";
import { accept, refuse } from "../failures.ts";
import { channelName } from "./update-source.ts";

/** A feed has a few hundred bytes for each package. */
export const longestFeedBytes = 64_000;

const releasePackage = z.object({
  platform: z.enum(["linux", "darwin", "win32"]),
  arch: z.enum(["x64", "arm64"]),
  /** Beside the feed, and in the folder of downloads: a name, never a path. */
  file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  bytes: z.int().min(1).max(2_000_000_000),
  /** Hexadecimal. */
  sha512: z.string().regex(/^[0-9a-f]{128}$/),
});

/** Keys that are not known are left out: a later Shunt may say more. */
const manifest = z.object({
  product: z.literal("shunt"),
  version: z
    .string()
    .max(64)
    .refine((version) => semver.valid(version) === version),
  channel: channelName,
  released: z.iso.date(),
  packages: z.array(releasePackage).min(1).max(32),
});

export type ReleasePackage = z.output<typeof releasePackage>;
export type ReleaseManifest = z.output<typeof manifest>;

const firstLine = /^shunt-update-1 ed25519 ([A-Za-z0-9+/]{86}==)$/;

/** UPDATE_UNSIGNED, UPDATE_SIGNATURE_WRONG, UPDATE_MANIFEST_INVALID. */
export function openSignedManifest(feed: Buffer, keys: readonly KeyObject[]): Reply<ReleaseManifest> {
  const end = feed.indexOf("\n");
  const text = firstLine.exec(feed.subarray(0, Math.max(end, 0)).toString("latin1"))?.[1];
  if (text === undefined) return refuse("UPDATE_UNSIGNED", "The update feed carries no signature.");
  const signature = Buffer.from(text, "base64");
  const signed = feed.subarray(end + 1);
  // The last bits of base64 may differ and mean the same: only one spelling is right.
  const isOurs =
    signature.toString("base64") === text && keys.some((key) => verify(null, signed, key, signature));
  if (!isOurs)
    return refuse(
      "UPDATE_SIGNATURE_WRONG",
      "The update feed is not signed by a key that this build of Shunt believes, or was changed after it was signed.",
    );
  const parsed = manifest.safeParse(readJson(signed));
  if (parsed.success) return accept(parsed.data);
  const where = parsed.error.issues[0]?.path.join(".") || "its JSON";
  return refuse("UPDATE_MANIFEST_INVALID", `The update feed is signed, and cannot be read: ${where}.`);
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
