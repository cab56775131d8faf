/** What the guard remembers across restarts: each pool's active member, and what its links were. One JSON file of its own. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { errorCode, errorText } from "../failures.ts";
import {
  createFileClientHomeStore,
  createMemoryClientHomeStore,
  type ClientHomeStore,
} from "./client-home-store.ts";
import type { SourceKnowledge } from "./link-knowledge.ts";

export interface GuardMemory {
  readonly version: 1;
  /** `active` is null where it was lost: nothing is assumed then. */
  readonly pools: Readonly<
    Record<string, { readonly active: string | null; readonly sinceMs: number | null }>
  >;
  /** What was known of a backend holds for these addresses only. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly sources: Readonly<Record<string, SourceKnowledge>>;
}

export const emptyGuardMemory: GuardMemory = { version: 1, pools: {}, addresses: {}, sources: {} };

export interface GuardStore {
  /** Null where there was something and it cannot be read. */
  load(): GuardMemory | null;
  /** `durable`: it must survive the machine's end, too. Returns why it could not be saved. */
  save(memory: GuardMemory, durable: boolean): string | null;
  /** Where named clients belong: many, so in a file of their own. */
  readonly homes: ClientHomeStore;
}

export function createMemoryGuardStore(): GuardStore {
  let kept = emptyGuardMemory;
  return {
    load: () => kept,
    save(memory) {
      kept = memory;
      return null;
    },
    homes: createMemoryClientHomeStore(),
  };
}

/** The guard's file beside a configuration file. */
export function guardFileOf(configFile: string): string {
  return `${configFile}.guard.json`;
}

export function createFileGuardStore(file: string): GuardStore {
  return {
    load() {
      try {
        const memory: unknown = JSON.parse(readFileSync(file, "utf8"));
        return isGuardMemory(memory) ? memory : null;
      } catch (error) {
        return errorCode(error) === "ENOENT" ? emptyGuardMemory : null;
      }
    },
    save(memory, durable) {
      const draft = `${file}.new`;
      try {
        const handle = openSync(draft, "w", 0o600);
        try {
          writeFileSync(handle, JSON.stringify(memory));
          if (durable) fsyncSync(handle);
        } finally {
          closeSync(handle);
        }
        renameSync(draft, file);
        return null;
      } catch (error) {
        return `${file}: ${errorText(error)}`;
      }
    },
    homes: createFileClientHomeStore(`${file.replace(/\.json$/, "")}-clients.jsonl`),
  };
}

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isFlag: Check = (value) => typeof value === "boolean";
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));
const record =
  (check: Check): Check =>
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(check);

const isMemory = shape({
  version: oneOf(1),
  pools: record(shape({ active: orNull(isText), sinceMs: orNull(isNumber) })),
  addresses: record(isText),
  sources: record(
    shape({
      atMs: isNumber,
      intervalMs: isNumber,
      run: orNull(shape({ pid: orNull(isNumber), uptimeMs: isNumber })),
      stamp: orNull(isText),
      links: record(
        shape({
          type: oneOf("sync", "async", "none", "unknown"),
          connected: orNull(isFlag),
          secondsBehind: orNull(isNumber),
          caughtUp: isNumber,
          trusted: isFlag,
          asyncSeen: isFlag,
          syncSeen: isFlag,
          changedMs: isNumber,
        }),
      ),
    }),
  ),
});

/** By hand: the engine's bundle carries no schema library. */
function isGuardMemory(value: unknown): value is GuardMemory {
  return isMemory(value);
}
