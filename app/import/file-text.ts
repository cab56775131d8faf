import { asUtf8, utf16Of } from "../text-encoding.ts";

/**
 * What a file to import says. One that is not UTF-8 was saved by an older editor or by PowerShell: it is read as these write it, since
 * replacement characters would come into the configuration in silence.
 */
export function fileText(bytes: Uint8Array): string {
  return asUtf8(bytes) ?? new TextDecoder(utf16Of(bytes) ?? "windows-1252").decode(bytes);
}
