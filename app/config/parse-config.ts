/** Reads a configuration document: version, shape, placeholders, references; every problem with its path. */
import type { z } from "zod";
import type { ConfigProblem, ShuntConfig } from "../contract/config.ts";
import { parseJsonText } from "./json-text.ts";
import { setKnownApart } from "./known-parts.ts";
import type { ParsedConfig } from "./parsed-config.ts";
import { substitutePlaceholders } from "./placeholders.ts";
import { joinPath, quoteValue, valueAt } from "./problem-path.ts";
import { checkReferences } from "./references.ts";
import { configSchema, type Validated } from "./schema.ts";

export type ParseResult =
  | { readonly ok: true; readonly value: ParsedConfig }
  | {
      readonly ok: false;
      readonly problems: readonly ConfigProblem[];
      /** The document, where nothing is wrong with it but environment variables that are not set here. */
      readonly document: ShuntConfig | null;
    };

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Validates a document that is already an object. `known`: a document that was accepted; what is the same in this one is not
 * judged again for itself, and stays the same object.
 */
export function parseConfig(
  document: unknown,
  env: Environment,
  known: ParsedConfig | null = null,
): ParseResult {
  const changed = known && parseChanged(document, env, known);
  return changed ? { ok: true, value: changed } : parseWhole(document, env);
}

/** Null where something is wrong: then the whole document has to be judged, for the places of its problems. */
function parseChanged(document: unknown, env: Environment, known: ParsedConfig): ParsedConfig | null {
  const apart = setKnownApart(document, known);
  if (!apart) return null;
  const { value, problems, tooDeep } = substitutePlaceholders(apart.rest, env);
  if (tooDeep || problems.length > 0) return null;
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) return null;
  const whole = apart.whole({
    document: normaliseDocument(apart.rest as unknown as ShuntConfig),
    resolved: parsed.data as Validated,
  });
  return checkReferences(whole.resolved).length === 0 ? whole : null;
}

function parseWhole(document: unknown, env: Environment): ParseResult {
  const version = checkVersion(document);
  if (version) return { ok: false, problems: [version], document: null };
  const substituted = substitutePlaceholders(document, env);
  if (substituted.tooDeep) return refused([substituted.tooDeep], null);
  const parsed = configSchema.safeParse(substituted.value);
  if (!parsed.success) {
    const unset = new Set(substituted.problems.map((problem) => problem.path));
    // Of the wrong type it would be with any value of the variable: a placeholder always gives text.
    const others = parsed.error.issues
      .filter((issue) => issue.code === "invalid_type" || !unset.has(joinPath(issue.path)))
      .flatMap((issue) => describeIssue(issue, substituted.value));
    return refused([...substituted.problems, ...others], others.length === 0 ? document : null);
  }
  const resolved: ShuntConfig = parsed.data as Validated;
  const problems = checkReferences(resolved);
  if (problems.length > 0) return refused([...substituted.problems, ...problems], null);
  if (substituted.problems.length > 0) return refused(substituted.problems, document);
  return { ok: true, value: { document: normaliseDocument(document as ShuntConfig), resolved } };
}

function refused(problems: readonly ConfigProblem[], document: unknown): ParseResult {
  return {
    ok: false,
    problems,
    document: document === null ? null : normaliseDocument(document as ShuntConfig),
  };
}

/** Validates a document given as JSON text; a syntax error names its line and column. */
export function parseConfigText(text: string, env: Environment): ParseResult {
  const read = parseJsonText(text);
  return read.ok ? parseConfig(read.value, env) : refused(read.problems, null);
}

function checkVersion(document: unknown): ConfigProblem | null {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return {
      path: "(document)",
      message: `${quoteValue(document)} is not a configuration; it is an object that begins with "version": 1`,
    };
  }
  const version = valueAt(document, ["version"]);
  if (version === 1) return null;
  const newer = typeof version === "number" && version > 1;
  return {
    path: "version",
    message: newer
      ? `${version} is newer than this Shunt, which reads version 1; update Shunt to use this file`
      : `${quoteValue(version)} is not a version this Shunt reads; write "version": 1`,
  };
}

function describeIssue(issue: z.core.$ZodIssue, document: unknown): readonly ConfigProblem[] {
  const path = joinPath(issue.path);
  const found = quoteValue(valueAt(document, issue.path));
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: joinPath([...issue.path, key]),
        message: "is not a known key here; remove it or check its spelling",
      }));
    case "invalid_type":
      return [
        {
          path,
          message:
            found === "nothing"
              ? `is missing; expected ${article(issue.expected)}`
              : `${found} is not ${article(issue.expected)}`,
        },
      ];
    case "invalid_value":
      return [
        {
          path,
          message: issue.message.startsWith("is not")
            ? `${found} ${issue.message}`
            : `${found} is not one of ${issue.values.map(String).join(", ")}`,
        },
      ];
    case "too_big":
      return [{ path, message: `is too large; at most ${String(issue.maximum)}` }];
    case "too_small":
      return [
        {
          path,
          message: issue.message.startsWith("is empty")
            ? issue.message
            : `${found} is too small; at least ${String(issue.minimum)}`,
        },
      ];
    default:
      return [{ path, message: found === '""' ? ofEmpty(issue.message) : `${found} ${issue.message}` }];
  }
}

/** What is not there is no wrong value: `is not an id; use …` becomes `is empty; use …`. */
function ofEmpty(message: string): string {
  return message.replace(/^is not [^;]+;/, "is empty;");
}

function article(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

/** The document with its four lists present and listen addresses as text; placeholders stay. */
function normaliseDocument(document: ShuntConfig): ShuntConfig {
  const { version, tunnels = [], backends = [], pools = [], routes = [] } = document;
  return {
    version,
    tunnels,
    backends,
    pools,
    routes: routes.map((route) => ({ ...route, listen: String(route.listen) })),
  };
}
