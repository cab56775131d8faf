/** What may stand in an engine's file as it is. Everything else is refused, not guessed at. */

/** A path without characters that some syntax reads as its own; `~/` is the engine's machine's `/etc/shunt/`. */
export function safeFile(path: string): string | null {
  const there = path.startsWith("~/") ? `/etc/shunt/${path.slice(2)}` : path;
  return isPlainFile(there) ? there : null;
}

export function isPlainFile(path: string): boolean {
  return /^[\p{L}\p{N} ./_@:+,=~()-]+$/u.test(path) && path.trim() === path;
}

/** A host name or address, as TLS knows it. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$|^[0-9A-Fa-f:.]+$/.test(name);
}

export function isPlainUser(user: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._@+-]*$/.test(user);
}
