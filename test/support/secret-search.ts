/** Looks for the secrets of the tests in all that a Shunt has said, in every encoding they could take, when it ends. */
import { secretKinds, type SecretKind } from "./secret-kinds.ts";
import { addToTally, type Sink } from "./secret-tally.ts";
import { fullSecret, markOf, minted, runMark } from "./suite-secrets.ts";

/** What is looked through, by name: `activity`, `file logs/shunt.log`. */
export type Places = Readonly<Record<string, Buffer | string>>;

type Encoding = readonly [name: string, forms: (text: string) => readonly Buffer[]];

const utf16: Encoding = [
  "UTF-16",
  // Without its last byte: so it is in both byte orders.
  (text) => [Buffer.from(text, "utf16le").subarray(0, -1)],
];
const base64: Encoding = [
  "base64",
  // It depends on what stands before: the part that is the same in each of the three alignments.
  (text) =>
    [0, 1, 2].map((before) => {
      const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
        .toString("base64")
        .replace(/=+$/, "");
      return Buffer.from(whole.slice(before === 0 ? 0 : before + 1, -2));
    }),
];
const hex: Encoding = ["hex", (text) => [Buffer.from(Buffer.from(text).toString("hex"))]];
const raw: Encoding = ["raw", (text) => [Buffer.from(text), Buffer.from(text, "latin1")]];
const percent: Encoding = [
  "%",
  (text) => [
    Buffer.from(encodeURIComponent(text)),
    Buffer.from(new URLSearchParams({ a: text }).toString().slice(2)),
  ],
];
const json: Encoding = [
  "JSON",
  (text) => [
    Buffer.from(JSON.stringify(text).slice(1, -1)),
    Buffer.from(JSON.stringify(JSON.stringify(text)).slice(3, -3)),
  ],
];

const formsOf = (text: string, encodings: readonly Encoding[]): readonly Buffer[] =>
  encodings.flatMap(([, forms]) => forms(text));

/** A mark is of letters and digits: raw, % and JSON are the same for it. All that most places are ever searched for. */
const markForms: readonly Buffer[] = [
  Buffer.from(runMark),
  ...formsOf(runMark, [utf16, base64]),
  Buffer.from(Buffer.from(runMark).toString("hex")),
];

const everyEncoding = [raw, percent, json, utf16, base64, hex];
const mintedForms = new Map<string, readonly Buffer[]>();

function formsOfMinted(secret: string): readonly Buffer[] {
  const known = mintedForms.get(secret) ?? formsOf(secret, everyEncoding);
  mintedForms.set(secret, known);
  return known;
}

/** `SSH password as base64 in activity`, for each place where a secret, or a part of one, was found. */
export function findSecrets(places: Places): readonly string[] {
  return Object.entries(places).flatMap(([place, content]) => {
    const bytes = Buffer.from(content as string);
    const has = (forms: readonly Buffer[]) => forms.some((form) => bytes.includes(form));
    const known = [...minted]
      .filter(([secret]) => has(formsOfMinted(secret)))
      .map(([secret, kind]) => `${kind} as ${firstEncoding(secret, has)} in ${place}`);
    if (!has(markForms)) return known;
    const found = secretKinds.flatMap((kind) =>
      encodingsOf(kind, has).map((encoding) => `${kind} as ${encoding} in ${place}`),
    );
    return [...known, ...(found.length > 0 ? found : [`the beginning of a secret in ${place}`])];
  });
}

function firstEncoding(secret: string, has: (forms: readonly Buffer[]) => boolean): string {
  return everyEncoding.find(([, forms]) => has(forms(secret)))?.[0] ?? "raw";
}

/** A whole one is told by its encoding; of a part it can only be said whether it was text. */
function encodingsOf(kind: SecretKind, has: (forms: readonly Buffer[]) => boolean): readonly string[] {
  const whole = [raw, percent, json].filter(([, forms]) => has(forms(fullSecret(kind))));
  const mark = markOf(kind);
  const other = [utf16, base64, hex].filter(([, forms]) => has(forms(mark)));
  const named = [...whole, ...other].map(([name]) => name);
  return named.length === 0 && has([Buffer.from(mark)]) ? ["text"] : named;
}

let onPurpose = false;

/** To be called where a Shunt ends: the test fails where one of its secrets is found. */
export function lookThrough(...ends: readonly (readonly [sink: Sink, places: Places])[]): void {
  const told = ends.flatMap(([sink, places]) => {
    const found = findSecrets(places);
    if (!onPurpose) addToTally(found.length > 0 ? { found: `${sink}: ${found.join(", ")}` } : { sink });
    return found.length > 0 ? [`secrets found at the end of ${sink}: ${found.join("; ")}`] : [];
  });
  if (told.length > 0) throw new Error(told.join("\n"));
}

/** Runs what leaks so that it is found, and returns what was: that the search works where it is made, not only by itself. */
export async function leakOnPurpose(step: () => Promise<void> | void): Promise<string> {
  onPurpose = true;
  try {
    await step();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    onPurpose = false;
  }
  throw new Error("what leaks was not found");
}
