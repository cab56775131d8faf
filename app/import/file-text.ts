import { asUtf8 } from "../config/config-text.ts";

/**
 * What a file to import says. One that is not UTF-8 was saved by an older editor or by PowerShell: it is read as these write it, since
 * replacement characters would come into the configuration in silence.
 */
export function fileText(bytes: Uint8Array): string {
  return asUtf8(bytes) ?? new TextDecoder(foreignEncoding(bytes)).decode(bytes);
}

function foreignEncoding([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return "windows-1252";
}
