/** Reads a configuration file that the operator named: nothing is moved, renamed or repaired. */
import { readFileSync } from "node:fs";
import type { ConfigProblem } from "../../app/contract/config.ts";
import { parseConfigText } from "../../app/config/parse-config.ts";
import type { ParsedConfig } from "../../app/config/parsed-config.ts";
import { errorCode, errorText } from "../../app/failures.ts";

type ReadConfig =
  | { readonly ok: true; readonly value: ParsedConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export function readConfig(file: string): ReadConfig {
  try {
    return parseConfigText(readFileSync(file, "utf8"), process.env);
  } catch (error) {
    const why =
      errorCode(error) === "ENOENT"
        ? "does not exist"
        : `cannot be read (${errorCode(error) ?? errorText(error)})`;
    return { ok: false, problems: [{ path: file, message: why }] };
  }
}

export function printProblems(problems: readonly ConfigProblem[]): void {
  for (const { path, message } of problems) process.stderr.write(`${path}: ${message}\n`);
}
