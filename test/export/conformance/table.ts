/** The conformance table, as Markdown. */

export interface Row {
  readonly what: string;
  /** Of Shunt, NGINX and HAProxy. */
  readonly outcomes: readonly string[];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

export function tableOf(rows: readonly Row[]): string {
  const line = ({ what, outcomes }: Row): string => {
    const [shunt = "", ...engines] = outcomes;
    const cells = [shunt, ...engines.map((one) => (one === shunt ? "same" : `**${cell(one)}**`))];
    return `| ${cell(what)} | ${[cell(cells[0] ?? ""), ...cells.slice(1)].join(" | ")} |`;
  };
  const isSame = (row: Row): boolean => row.outcomes.every((one) => one === row.outcomes[0]);
  const head = "| what a client does | Shunt | NGINX | HAProxy |\n| --- | --- | --- | --- |";
  const differing = rows.filter((row) => !isSame(row));
  return [
    "# What exported files do, compared with Shunt",
    "",
    "Written by `node scripts/export-conformance.mjs` and checked by `test/export/conformance.test.ts`: the same traffic, on real",
    "sockets, through Shunt, through NGINX and through HAProxy with the exported files.",
    "",
    `## Where they differ (${differing.length} of ${rows.length})`,
    "",
    head,
    ...differing.map(line),
    "",
    "## Where they do the same",
    "",
    "| what a client does | Shunt, NGINX and HAProxy |",
    "| --- | --- |",
    ...rows.filter(isSame).map(({ what, outcomes }) => `| ${cell(what)} | ${cell(outcomes[0] ?? "")} |`),
    "",
  ].join("\n");
}
