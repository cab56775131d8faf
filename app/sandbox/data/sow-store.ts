import { limits } from "../limits.ts";
import type { Filter } from "./filter.ts";
import { topicKey } from "./log-entry.ts";
import { fieldAt, readFields, type Fields } from "./message-fields.ts";
import { hashName } from "./name-hash.ts";

export interface SowRecord {
  readonly key: string;
  readonly body: Buffer;
  readonly fields: Fields | null;
}

/** The state of the world: per topic the last message of each key. Bounded; the oldest record goes first. */
export class SowStore {
  readonly #topics = new Map<string, Map<string, SowRecord>>();
  #bytes = 0;

  put(messageType: string, topic: string, key: string, body: Buffer): void {
    const name = topicKey(messageType, topic);
    let records = this.#topics.get(name);
    if (records === undefined) {
      if (this.#topics.size >= limits.topics) return;
      records = new Map();
      this.#topics.set(name, records);
    }
    this.#bytes += body.length - (records.get(key)?.body.length ?? 0);
    records.set(key, { key, body, fields: readFields(messageType, body) });
    while (records.size > limits.sowRecords) this.#dropOldest(records);
    while (this.#bytes > limits.sowBytes && records.size > 0) this.#dropOldest(records);
  }

  get(messageType: string, topic: string, key: string): SowRecord | undefined {
    return this.#topics.get(topicKey(messageType, topic))?.get(key);
  }

  /** How many records the topic holds, matching or not. */
  count(messageType: string, topic: string): number {
    return this.#topics.get(topicKey(messageType, topic))?.size ?? 0;
  }

  query(messageType: string, topic: string, filter: Filter): readonly SowRecord[] {
    const records = this.#topics.get(topicKey(messageType, topic));
    return records === undefined ? [] : [...records.values()].filter((record) => filter(record.fields));
  }

  delete(messageType: string, topic: string, keys: readonly string[]): void {
    const records = this.#topics.get(topicKey(messageType, topic));
    for (const key of keys) {
      this.#bytes -= records?.get(key)?.body.length ?? 0;
      records?.delete(key);
    }
  }

  #dropOldest(records: Map<string, SowRecord>): void {
    for (const [key, record] of records) {
      records.delete(key);
      this.#bytes -= record.body.length;
      return;
    }
  }
}

/** The SOW key of a message: a hash of its `/id`, as a topic with `<Key>/id</Key>` would have; null without one. */
export function sowKeyOf(topic: string, fields: Fields | null): string | null {
  const id = fields === null ? undefined : fieldAt(fields, ["id"]);
  if (typeof id !== "string" && typeof id !== "number") return null;
  return hashName(`${topic}\u0000${id}`);
}
