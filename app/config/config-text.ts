/** The text of a configuration file, exactly as it is there: bytes that are no text would be lost with the next save. */
import { readFileSync, statSync } from "node:fs";
import { errorCode, errorText } from "../failures.ts";
import { asUtf8, utf16Of } from "../text-encoding.ts";

/** A configuration of 10,000 routes has about 2 MB. */
const largestFileBytes = 20 * 1024 * 1024;

type ConfigText =
  | { readonly ok: true; readonly text: string }
  /** `reason` continues a sentence that begins with the file's name. */
  | { readonly ok: false; readonly isThere: boolean; readonly reason: string };

export function readConfigText(file: string): ConfigText {
  try {
    if (statSync(file).size > largestFileBytes) return unreadable(tooLarge);
    const bytes = readFileSync(file);
    if (bytes.length > largestFileBytes) return unreadable(tooLarge);
    const text = asUtf8(bytes);
    return text === null ? unreadable(foreignEncoding(bytes)) : { ok: true, text };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { ok: false, isThere: false, reason: "does not exist" };
    return unreadable(`cannot be read (${errorCode(error) ?? errorText(error)})`);
  }
}

const tooLarge = `is larger than ${largestFileBytes / 1024 / 1024} MB`;

function unreadable(reason: string): ConfigText {
  return { ok: false, isThere: true, reason };
}

function foreignEncoding(bytes: Buffer): string {
  if (utf16Of(bytes) !== null) return "is UTF-16; save it as UTF-8";
  return `is not UTF-8 (line ${firstForeignLine(bytes)}); save it as UTF-8`;
}

/** A line break is no part of any other character in UTF-8, so each line can be looked at for itself. */
function firstForeignLine(bytes: Buffer): number {
  for (let line = 1, from = 0; ; line++) {
    const end = bytes.indexOf(0x0a, from);
    if (end === -1 || asUtf8(bytes.subarray(from, end)) === null) return line;
    from = end + 1;
  }
}
