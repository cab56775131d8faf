/**
 * What a connection remembers: who asks the same again and again is answered alike again and again. Only what pure functions
 * made of the last one is kept, and no decision: whether a request may pass depends on more than its bytes.
 */

/** A pure function that reads heads, to which nothing behind a head matters: the last one, byte for byte, is not read again. */
export function rememberHead<Read extends { readonly end: number } | string | null>(
  parse: (bytes: Buffer) => Read,
): (bytes: Buffer) => Read {
  let last: { readonly bytes: Buffer; readonly read: Read } | null = null;
  return (bytes) => {
    if (last && bytes.length >= last.bytes.length && last.bytes.compare(bytes, 0, last.bytes.length) === 0)
      return last.read;
    const read = parse(bytes);
    // A copy: the head may be a small part of what came with it.
    if (read !== null && typeof read === "object")
      last = { bytes: Buffer.from(bytes.subarray(0, read.end)), read };
    return read;
  };
}

/** A pure function that makes nothing anew as long as it is asked of the very same things. */
export function rememberLast<Of extends object, Made>(make: (of: Of) => Made): (of: Of) => Made {
  let last: { readonly of: Of; readonly made: Made } | null = null;
  return (of) => {
    if (!last || !isSame(last.of, of)) last = { of, made: make(of) };
    return last.made;
  };
}

function isSame<Of extends object>(one: Of, other: Of): boolean {
  for (const key in one) if (one[key] !== other[key]) return false;
  return true;
}
