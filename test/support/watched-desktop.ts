/** A desktop app as the search for secrets sees it: its output, command lines, titles, pages, what its engine tells, its files. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { root } from "../../scripts/setup/paths.mjs";
import { lookThrough, type Places } from "./secret-search.ts";
import { watchShunt } from "./shunt-child.ts";

/** A line of `title-witness.cjs`. */
interface Seen {
  readonly window: number;
  readonly pages: number;
  readonly text: string;
}

interface TitleWitness {
  /** To be loaded before the app. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Reads and forgets what was noted. */
  take(): readonly Seen[];
}

export function titleWitness(): TitleWitness {
  const folder = mkdtempSync(path.join(tmpdir(), "shunt-titles-"));
  const file = path.join(folder, "titles");
  let seen: readonly Seen[] | null = null;
  return {
    script: path.join(root, "test/support/title-witness.cjs"),
    env: { SHUNT_TEST_TITLES: file },
    take() {
      if (seen === null && existsSync(file))
        seen = readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as Seen);
      rmSync(folder, { recursive: true, force: true });
      return (seen ??= []);
    },
  };
}

export interface WatchedDesktop {
  /** While it lives; does without what does not answer. */
  readLive(page: Page): Promise<void>;
  /** Once it has ended; `files`: what it left behind. */
  look(files: Places): void;
}

export function watchDesktop(app: ElectronApplication, witness: TitleWitness): WatchedDesktop {
  const process_ = watchShunt(app.process());
  const live: Record<string, string> = {};
  const keep = (name: string, text: Promise<string>) =>
    within(text).then(
      (value) => void (live[name] = value),
      () => undefined, // It is ending, or its page has gone.
    );
  const told = (page: Page, command: "activity.list" | "snapshot.get" | "history.get") =>
    page.evaluate(async (name) => JSON.stringify(await window.shunt?.call(name, null)), command);
  return {
    async readLive(page) {
      process_.sample();
      const ours = app.windows().filter((one) => /^(app|shunt):/.test(one.url()));
      await Promise.all([
        keep("activity", told(page, "activity.list")),
        keep("snapshot", told(page, "snapshot.get")),
        keep("history", told(page, "history.get")),
        ...ours.map((one, at) => keep(`page ${at}`, one.content())),
      ]);
    },
    look(files) {
      const seen = witness.take();
      const titles = seen.map(({ text }) => text).join("\n");
      lookThrough(
        ["a desktop app", { ...process_.places(), ...live, titles, ...files }],
        ...galvanometers(seen).map((texts) => ["a Galvanometer window", { titles: texts }] as const),
      );
    },
  };
}

/** The titles and addresses of each window that held a page of an instance. */
function galvanometers(seen: readonly Seen[]): readonly string[] {
  const windows = new Set(seen.filter(({ pages }) => pages > 1).map(({ window }) => window));
  return [...windows].map((id) =>
    seen
      .filter(({ window }) => window === id)
      .map(({ text }) => text)
      .join("\n"),
  );
}

const answerMs = 3_000;

function within<T>(promise: Promise<T>): Promise<T> {
  return Promise.race([
    promise,
    new Promise<T>((_resolve, reject) => {
      setTimeout(() => reject(new Error("no answer")), answerMs).unref();
    }),
  ]);
}
