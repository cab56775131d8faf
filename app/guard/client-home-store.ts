/** Keeps client homes across restarts: a file of JSON lines that grows by one for each change. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { errorCode, errorText } from "../failures.ts";

/**
 * One change. `member` null: the name is forgotten. `client` null: of the whole pool; with no member its record was
 * lost, with one the operator has said since who has everything.
 */
export interface ClientHome {
  readonly pool: string;
  readonly client: string | null;
  readonly member: string | null;
}

export interface ClientHomeStore {
  /** In the order in which they were written; null where there was something and it cannot be read. */
  load(): readonly ClientHome[] | null;
  /** Both return when it would survive the machine's end, with the reason where it could not be written. */
  append(changes: readonly ClientHome[]): string | null;
  replace(homes: readonly ClientHome[]): string | null;
}

export function createMemoryClientHomeStore(): ClientHomeStore {
  let kept: readonly ClientHome[] = [];
  return {
    load: () => kept,
    append(changes) {
      kept = [...kept, ...changes];
      return null;
    },
    replace(homes) {
      kept = homes;
      return null;
    },
  };
}

export function createFileClientHomeStore(file: string): ClientHomeStore {
  const write = (name: string, flags: "a" | "w", homes: readonly ClientHome[]): void => {
    const handle = openSync(name, flags, 0o600);
    try {
      writeFileSync(handle, homes.map((home) => `${JSON.stringify(home)}\n`).join(""));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  };
  const attempt = (writing: () => void): string | null => {
    try {
      writing();
      return null;
    } catch (error) {
      return `${file}: ${errorText(error)}`;
    }
  };
  const replace = (homes: readonly ClientHome[]) =>
    attempt(() => {
      write(`${file}.new`, "w", homes);
      renameSync(`${file}.new`, file);
    });
  return {
    load() {
      try {
        const lines = readFileSync(file, "utf8").split("\n");
        // A last line without its end was not written whole, and nobody had gone there yet.
        const torn = lines.pop() !== "";
        const homes = lines.map((line): unknown => JSON.parse(line));
        if (!homes.every(isClientHome)) return null;
        if (torn) replace(homes);
        return homes;
      } catch (error) {
        return errorCode(error) === "ENOENT" ? [] : null;
      }
    },
    append: (changes) => attempt(() => write(file, "a", changes)),
    replace,
  };
}

function isClientHome(value: unknown): value is ClientHome {
  if (typeof value !== "object" || value === null) return false;
  const { pool, client, member } = value as Partial<Record<string, unknown>>;
  const isTextOrNull = (part: unknown) => part === null || typeof part === "string";
  return typeof pool === "string" && isTextOrNull(client) && isTextOrNull(member);
}
