/** Secrets that would be recognised wherever they turn up, and the search for them in every form they could take. */
import { randomBytes } from "node:crypto";

/** Made anew in each run: no file of an earlier one can be taken for a leak. Holds what encodings differ in. */
export function makeCanaries(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `cnry${at}"\\%/+\u00e4 ${randomBytes(6).toString("hex")}`);
}

const encodings: Readonly<Record<string, (text: string) => readonly Buffer[]>> = {
  raw: (text) => [Buffer.from(text)],
  latin1: (text) => [Buffer.from(text, "latin1")],
  percent: (text) => [
    Buffer.from(encodeURIComponent(text)),
    Buffer.from(new URLSearchParams({ a: text }).toString().slice(2)),
  ],
  json: (text) => [
    Buffer.from(JSON.stringify(text).slice(1, -1)),
    Buffer.from(JSON.stringify(JSON.stringify(text)).slice(3, -3)),
  ],
  utf16: (text) => [Buffer.from(text, "utf16le"), Buffer.from(text, "utf16le").swap16()],
  // Base64 depends on what stands before: the part that is the same in each of the three alignments.
  base64: (text) =>
    [0, 1, 2].map((before) => {
      const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
        .toString("base64")
        .replace(/=+$/, "");
      return Buffer.from(whole.slice(before === 0 ? 0 : before + 1, -2));
    }),
};

/** `canary 3 as base64 in activity`, for each place where one was found. */
export function findCanaries(
  canaries: readonly string[],
  places: Readonly<Record<string, Buffer | string>>,
): readonly string[] {
  return canaries.flatMap((canary, at) =>
    Object.entries(encodings).flatMap(([name, encode]) => {
      const forms = encode(canary);
      return Object.entries(places)
        .filter(([, bytes]) => forms.some((form) => Buffer.from(bytes as string).includes(form)))
        .map(([place]) => `canary ${at} as ${name} in ${place}`);
    }),
  );
}
