/**
 * The secrets of the tests: one for each kind, made anew for each run, so that one is known for what it is wherever it turns up
 * (reliability S9). They hold what encodings differ in, and begin and end with their mark: what is left of one is known too.
 */
import { createHash, randomBytes } from "node:crypto";
import { secretKinds, type SecretKind } from "./secret-kinds.ts";
import { addToTally } from "./secret-tally.ts";

/** Of the whole run: `scripts` outside it have one of their own. */
const seed = process.env["SHUNT_SECRET_SEED"] ?? randomBytes(8).toString("hex");

/** What every secret of this run begins with: letters and digits, 14 of them. */
export const runMark = `cnry${createHash("sha256").update(seed).digest("hex").slice(0, 10)}`;

/** What a secret begins and ends with. Two letters behind the kind: the last bytes of anything look different in base64. */
export const markOf = (kind: SecretKind): string =>
  `${runMark}${String(secretKinds.indexOf(kind)).padStart(2, "0")}xx`;

/** The secret of this kind; `which` tells two of a kind apart. */
export function secretOf(kind: SecretKind, which = ""): string {
  addToTally({ planted: kind });
  return fullSecret(kind, which);
}

/** For what takes no more than letters, digits and hyphens. */
export function plainSecretOf(kind: SecretKind, which = ""): string {
  addToTally({ planted: kind });
  return `${markOf(kind)}${which}-${markOf(kind)}`;
}

export function fullSecret(kind: SecretKind, which = ""): string {
  return `${markOf(kind)}${which}"\\%/+\u00e4 ${markOf(kind)}`;
}

const mintedHere = new Map<string, SecretKind>();

/** Secrets that were not made here, such as a token that Shunt made itself. */
export const minted: ReadonlyMap<string, SecretKind> = mintedHere;

/** Has a secret that something else made looked for as well, from now on in this process. */
export function knowSecret(kind: SecretKind, secret: string): string {
  if (secret.length < 12) throw new Error(`too short to be told from chance: ${secret}`);
  mintedHere.set(secret, kind);
  addToTally({ planted: kind });
  return secret;
}
