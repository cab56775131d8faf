/** AMPS names a publisher by a 64-bit hash of its client name; ours is FNV-1a, equal on every instance. */
export function hashName(name: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(name, "utf8")) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString();
}
