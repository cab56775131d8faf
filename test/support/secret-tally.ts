/** What was looked through in a run, and for what: noted by each process in a file of its own, added up at the end. */
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { secretKinds } from "./secret-kinds.ts";

/** Whatever of Shunt's ends in a test. */
export const sinks = {
  "an engine": "fast",
  "a service": "fast",
  "a set of tunnels": "fast",
  "a command": "fast",
  "a headless Shunt": "e2e",
  "a desktop app": "e2e",
  "a Galvanometer window": "e2e",
} as const;

export type Sink = keyof typeof sinks;

type Note = { readonly sink: Sink } | { readonly planted: string } | { readonly found: string };

interface Tally {
  /** How many of each were looked through, and nothing found. */
  readonly sinks: Readonly<Partial<Record<Sink, number>>>;
  /** The kinds of secrets that tests used. */
  readonly planted: readonly string[];
  readonly found: readonly string[];
}

const written = new Set<string>();

/** Does nothing outside a run of the tests. */
export function addToTally(note: Note): void {
  const folder = process.env["SHUNT_SECRET_TALLY"];
  const line = JSON.stringify(note);
  if (folder === undefined || ("planted" in note && written.has(line))) return;
  written.add(line);
  appendFileSync(path.join(folder, String(process.pid)), `${line}\n`);
}

export function sumTally(folder: string): Tally {
  const notes = readdirSync(folder).flatMap((name) =>
    readFileSync(path.join(folder, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Note),
  );
  const counts: Partial<Record<Sink, number>> = {};
  for (const note of notes) if ("sink" in note) counts[note.sink] = (counts[note.sink] ?? 0) + 1;
  return {
    sinks: counts,
    planted: [...new Set(notes.flatMap((note) => ("planted" in note ? [note.planted] : [])))].sort(),
    found: notes.flatMap((note) => ("found" in note ? [note.found] : [])),
  };
}

/** What a whole run of these projects should have looked through and has not; of all of them also, what for. */
export function missingIn(tally: Tally, projects: readonly string[]): readonly string[] {
  const unseen = Object.entries(sinks)
    .filter(([sink, project]) => projects.includes(project) && !tally.sinks[sink as Sink])
    .map(([sink]) => sink);
  const isAll = Object.values(sinks).every((project) => projects.includes(project));
  return [...unseen, ...secretKinds.filter((kind) => isAll && !tally.planted.includes(kind))];
}

/** `17 kinds of secrets: 512 × an engine, 20 × a service`. */
export function describeTally({ sinks: counts, planted }: Tally): string {
  const each = Object.entries(counts).map(([sink, count]) => `${count} × ${sink}`);
  return `${planted.length} kinds of secrets, looked for at the end of ${each.join(", ")}`;
}
