/** `${NAME}` in any string of the document takes an environment variable. */
import type { ConfigProblem } from "../contract/config.ts";
import { joinPath } from "./problem-path.ts";

const placeholder = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** No part of a document lies this deep; beyond it a walk could exhaust the stack. */
const deepest = 32;

interface Substituted {
  readonly value: unknown;
  /** Variables that are not set, by path. */
  readonly problems: readonly ConfigProblem[];
  /** A part of the document lies too deep, and was left out of `value`. */
  readonly tooDeep: ConfigProblem | null;
}

/** A copy with every placeholder replaced; a variable that is not set is a problem at its path. */
export function substitutePlaceholders(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
): Substituted {
  const problems: ConfigProblem[] = [];
  let tooDeep: ConfigProblem | null = null;
  const visit = (node: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof node === "string") {
      return node.replace(placeholder, (whole, name: string) => {
        const found = Object.hasOwn(env, name) ? env[name] : undefined;
        if (found !== undefined) return found;
        problems.push({
          path: joinPath(path),
          message: `${whole}: the environment variable ${name} is not set`,
        });
        return whole;
      });
    }
    if (typeof node !== "object" || node === null) return node;
    if (path.length >= deepest) {
      tooDeep ??= { path: joinPath(path), message: `is nested more than ${deepest} levels deep` };
      return null;
    }
    if (Array.isArray(node)) return node.map((item, index) => visit(item, [...path, index]));
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, visit(item, [...path, key])]));
  };
  return { value: visit(value, []), problems, tooDeep };
}
