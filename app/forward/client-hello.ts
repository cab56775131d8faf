/** Finds the server name in a TLS ClientHello (RFC 8446 4.1.2, RFC 6066 3) without altering it. Pure. */

/** As much of the handshake as is read for a name: a record's most (RFC 8446 5.1); what clients send is a tenth of it. */
export const longestHelloBytes = 16 * 1024;
const recordHeadBytes = 5;
const mostRecords = 64;
/** What may be held while a ClientHello is still unfinished. */
const mostHeldBytes = longestHelloBytes + mostRecords * recordHeadBytes;

const handshakeRecord = 22;
const clientHello = 1;
const serverNameExtension = 0;
const hostNameType = 0;

/** `serverName`: in lower case, one character a byte, whatever the bytes are; null where the client names none. */
export type HelloLook =
  { readonly serverName: string | null } | "unfinished" | "not-tls" | "malformed" | "too-large";

/** Looks at everything that a client has sent so far. */
export function lookAtHello(bytes: Buffer): HelloLook {
  const handshake = joinRecords(bytes);
  if (typeof handshake === "string") return handshake;
  const unfinished = bytes.length > mostHeldBytes ? "too-large" : "unfinished";
  if (handshake.length === 0) return unfinished;
  if (handshake[0] !== clientHello) return "not-tls";
  if (handshake.length < 4) return unfinished;
  const length = handshake.readUIntBE(1, 3);
  if (length > longestHelloBytes) return "too-large";
  if (handshake.length < 4 + length) return unfinished;
  return readName(handshake.subarray(4, 4 + length));
}

/** What the records at the beginning carry of the handshake, which may be split anywhere (RFC 8446 5.1). */
function joinRecords(bytes: Buffer): Buffer | "not-tls" {
  const parts: Buffer[] = [];
  for (let at = 0, end = 0; at < bytes.length && at <= mostHeldBytes; at = end) {
    const type = bytes[at];
    const major = bytes[at + 1] ?? 3;
    if (at > 0 && type !== handshakeRecord) break;
    if (type !== handshakeRecord || major !== 3) return "not-tls";
    if (bytes.length < at + recordHeadBytes) break;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > longestHelloBytes) return "not-tls";
    end = at + recordHeadBytes + length;
    parts.push(bytes.subarray(at + recordHeadBytes, end));
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

function readName(hello: Buffer): HelloLook {
  const cursor = new Cursor(hello);
  cursor.take(2 + 32);
  for (const width of [1, 2, 1]) cursor.vector(width);
  // A client of before extensions.
  if (cursor.isAtEnd && !cursor.overran) return { serverName: null };
  const extensions = cursor.vector(2);
  let name: string | null = null;
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (type !== serverNameExtension) continue;
    const found = readNameList(content);
    // A second one could be the one that the server goes by.
    if (name !== null || found === null) return "malformed";
    name = found;
  }
  return cursor.overran || extensions.overran || !cursor.isAtEnd ? "malformed" : { serverName: name };
}

/** The one host name in the extension (RFC 6066: no two of a type), or null. */
function readNameList(extension: Cursor): string | null {
  const list = extension.vector(2);
  const type = list.number(1);
  const name = list.vector(2);
  const isWhole = extension.isAtEnd && list.isAtEnd && !extension.overran && !list.overran;
  if (!isWhole || type !== hostNameType || name.isAtEnd) return null;
  return name.rest().toString("latin1").toLowerCase();
}

/** Reads forward and never beyond the end: what is not there is empty, and `overran` tells. */
class Cursor {
  overran = false;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    this.overran ||= end > this.#bytes.length;
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = Math.min(end, this.#bytes.length);
    return taken;
  }

  number(width: number): number {
    return this.take(width).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** What follows its own length, which has `width` bytes. */
  vector(width: number): Cursor {
    return new Cursor(this.take(this.number(width)));
  }

  rest(): Buffer {
    return this.take(this.#bytes.length - this.#at);
  }
}
