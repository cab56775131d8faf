/** In which encoding bytes are text. */

/** Null where the bytes are not UTF-8. A byte order mark stays. */
export function asUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** By the mark at the beginning; null where there is none. Windows PowerShell writes it for `… > FILE`. */
export function utf16Of([first, second]: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return null;
}
