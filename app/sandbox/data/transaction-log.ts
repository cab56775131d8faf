import { limits } from "../limits.ts";
import { parseAmpsTime } from "./amps-time.ts";
import type { Change, LogEntry } from "./log-entry.ts";
import { hashName } from "./name-hash.ts";

/** An instance's transaction log: in memory, so bounded; the oldest entries go first. */
export class TransactionLog {
  readonly #entries = new Map<number, LogEntry>();
  readonly #indexByBookmark = new Map<string, number>();
  #firstIndex = 1;
  #lastIndex = 0;
  #bytes = 0;

  get firstIndex(): number {
    return this.#firstIndex;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  append(change: Change): LogEntry {
    const index = ++this.#lastIndex;
    const bookmark = change.sequence === null ? "" : `${hashName(change.publisher)}|${change.sequence}|`;
    const entry: LogEntry = { ...change, index, bookmark };
    this.#entries.set(index, entry);
    if (bookmark !== "") this.#indexByBookmark.set(bookmark, index);
    this.#bytes += entry.body.length;
    while (this.#entries.size > limits.logEntries || this.#bytes > limits.logBytes) this.#dropOldest();
    return entry;
  }

  at(index: number): LogEntry | undefined {
    return this.#entries.get(index);
  }

  /** The entries from `index` on, oldest first. */
  *from(index: number): Generator<LogEntry> {
    for (let at = Math.max(index, this.#firstIndex); at <= this.#lastIndex; at += 1) {
      const entry = this.#entries.get(at);
      if (entry !== undefined) yield entry;
    }
  }

  /** The index at which a bookmark subscription starts; an unknown bookmark means now (amps-facts 8). */
  startOf(bookmark: string): number {
    if (bookmark === "0") return this.#firstIndex;
    if (bookmark === "0|1|") return this.#lastIndex + 1;
    const timeMs = parseAmpsTime(bookmark);
    if (timeMs !== null) return this.#indexAtTime(timeMs);
    const known = bookmark
      .split(",")
      .map((part) => this.#indexByBookmark.get(part.trim()))
      .filter((index) => index !== undefined);
    return known.length === 0 ? this.#lastIndex + 1 : Math.max(...known) + 1;
  }

  #indexAtTime(timeMs: number): number {
    for (const entry of this.from(this.#firstIndex)) if (entry.timeMs >= timeMs) return entry.index;
    return this.#lastIndex + 1;
  }

  #dropOldest(): void {
    const oldest = this.#entries.get(this.#firstIndex);
    if (oldest !== undefined) {
      this.#entries.delete(this.#firstIndex);
      this.#indexByBookmark.delete(oldest.bookmark);
      this.#bytes -= oldest.body.length;
    }
    this.#firstIndex += 1;
  }
}
