import type { ConfigProblem } from "../../../app/contract/config.ts";

/** Problems sorted by where they belong in a form. */
export interface SortedProblems {
  /** By the field's name: the first key below the row. */
  readonly byField: ReadonlyMap<string, string>;
  /** Of the row itself, such as a missing choice between two keys. */
  readonly ofRow: readonly string[];
  /** Anywhere else in the document. */
  readonly elsewhere: readonly ConfigProblem[];
}

export function hasProblems({ byField, ofRow, elsewhere }: SortedProblems): boolean {
  return byField.size + ofRow.length + elsewhere.length > 0;
}

/** `is empty; write …` stands behind a path in other places, and alone in a form. */
function asSentence(message: string): string {
  return message.replace(/^is empty; (.)/, (_, first: string) => `${first.toUpperCase()}`);
}

/** Leads each problem to its field: `routes[2].listen` to `listen` where the row in the form is `routes[2]`. */
export function sortProblems(problems: readonly ConfigProblem[], row: string): SortedProblems {
  const byField = new Map<string, string>();
  const ofRow: string[] = [];
  const elsewhere: ConfigProblem[] = [];
  for (const problem of problems) {
    const { path } = problem;
    const message = asSentence(problem.message);
    if (path === row) ofRow.push(message);
    else if (path.startsWith(`${row}.`)) {
      const field = path.slice(row.length + 1).split(/[.[]/)[0] ?? "";
      const more = byField.get(field);
      byField.set(field, more ? `${more} ${message}` : message);
    } else elsewhere.push(problem);
  }
  return { byField, ofRow, elsewhere };
}
