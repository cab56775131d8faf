/**
 * The rows of the proof: what is promised, the mark to meet, and which tests show it. A row passes when at least one test
 * matched and every one passed. `night`: only `npm run proof -- --night` runs it. `not`: why nothing runs here.
 *
 * @typedef {{
 *   readonly id: string,
 *   readonly what: string,
 *   readonly mark: string,
 *   readonly tests?: readonly (string | readonly [file: string, title: RegExp])[],
 *   readonly night?: true,
 *   readonly not?: string,
 * }} Row
 */
import { loadRows } from "./load-rows.mjs";
import { faultsRows } from "./faults-rows.mjs";
import { integrityRows } from "./integrity-rows.mjs";
import { badInputsRows } from "./bad-inputs-rows.mjs";
import { securityRows } from "./security-rows.mjs";

/** @type {readonly { readonly title: string, readonly rows: readonly Row[] }[]} */
export const groups = [
  { title: "Load", rows: loadRows },
  { title: "Faults", rows: faultsRows },
  { title: "Data integrity", rows: integrityRows },
  { title: "Bad inputs", rows: badInputsRows },
  { title: "Security", rows: securityRows },
];
