/** `${NAME}` in any string of the document takes an environment variable. */
import type { ConfigProblem } from "../contract/config.ts";
import { joinPath } from "./problem-path.ts";

const placeholder = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

export interface Substituted {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
}

/** A copy with every placeholder replaced; a variable that is not set is a problem at its path. */
export function substitutePlaceholders(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
): Substituted {
  const problems: ConfigProblem[] = [];
  const visit = (node: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof node === "string") {
      return node.replace(placeholder, (whole, name: string) => {
        const found = env[name];
        if (found !== undefined) return found;
        problems.push({
          path: joinPath(path),
          message: `${whole}: the environment variable ${name} is not set`,
        });
        return whole;
      });
    }
    if (Array.isArray(node)) return node.map((item, index) => visit(item, [...path, index]));
    if (typeof node === "object" && node !== null) {
      return Object.fromEntries(
        Object.entries(node).map(([key, item]) => [key, visit(item, [...path, key])]),
      );
    }
    return node;
  };
  return { value: visit(value, []), problems };
}
