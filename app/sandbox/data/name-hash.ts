import { createHash } from "node:crypto";

/** AMPS names a publisher by a 64-bit hash of its client name; ours is of SHA-1, equal on every instance. */
export function hashName(name: string): string {
  return createHash("sha1").update(name, "utf8").digest().readBigUInt64BE(0).toString();
}
