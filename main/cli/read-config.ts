/** Reads a configuration file that the operator named: nothing is moved, renamed or repaired. */
import type { ConfigProblem } from "../../app/contract/config.ts";
import { readConfigText } from "../../app/config/config-text.ts";
import { parseConfigText } from "../../app/config/parse-config.ts";
import type { ParsedConfig } from "../../app/config/parsed-config.ts";

type ReadConfig =
  | { readonly ok: true; readonly value: ParsedConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export function readConfig(file: string): ReadConfig {
  const read = readConfigText(file);
  if (read.ok) return parseConfigText(read.text, process.env);
  return { ok: false, problems: [{ path: file, message: read.reason }] };
}

export function printProblems(problems: readonly ConfigProblem[]): void {
  for (const { path, message } of problems) process.stderr.write(`${path}: ${message}\n`);
}
