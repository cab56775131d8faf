import type { SandboxClock } from "../clock.ts";
import { limits } from "../limits.ts";
import { isQueueTopic, topicKey, type Change, type LogEntry } from "./log-entry.ts";
import { readFields, type Fields } from "./message-fields.ts";
import { PublisherSequences } from "./publisher-sequences.ts";
import { QueueTopic, type QueueFigures } from "./queue-topic.ts";
import { sowKeyOf, SowStore } from "./sow-store.ts";
import type { Receiver, Subscription } from "./subscription.ts";
import { TransactionLog } from "./transaction-log.ts";

interface BrokerOptions {
  readonly instance: string;
  readonly clock: SandboxClock;
  readonly leaseMs: number;
}

interface PublishRequest {
  readonly publisher: string;
  /** Null where the publisher does not count; the broker then does. */
  readonly sequence: bigint | null;
  readonly messageType: string;
  readonly topic: string;
  /** SOW key chosen by the publisher. */
  readonly key: string | null;
  readonly body: Buffer;
  /** Merge the fields into the SOW record. */
  readonly delta: boolean;
}

interface DeleteRequest {
  readonly publisher: string;
  readonly sequence: bigint | null;
  readonly messageType: string;
  readonly topic: string;
  readonly keys: readonly string[];
}

/** `durableFrom`: the log index that every sync destination must have before the change counts as persisted. */
type Outcome =
  | {
      readonly ok: true;
      readonly sequence: bigint;
      readonly durableFrom: number;
      readonly duplicate: boolean;
    }
  | { readonly ok: false; readonly reason: string };

/** The data of one instance: every change goes through the log, then to the SOW or a queue, then to subscribers. */
export class Broker {
  readonly log = new TransactionLog();
  readonly sow = new SowStore();
  readonly #options: BrokerOptions;
  readonly #sequences = new PublisherSequences();
  readonly #queues = new Map<string, QueueTopic>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #appended = new Set<(entry: LogEntry) => void>();

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  get subscriptions(): Iterable<Subscription> {
    return this.#subscriptions;
  }

  onAppended(listener: (entry: LogEntry) => void): void {
    this.#appended.add(listener);
  }

  lastSequence(publisher: string): bigint {
    return this.#sequences.last(publisher);
  }

  publish(request: PublishRequest): Outcome {
    const { publisher, messageType, topic } = request;
    if (topic === "") return { ok: false, reason: "bad topic" };
    const sequence = request.sequence ?? this.lastSequence(publisher) + 1n;
    if (sequence <= this.lastSequence(publisher)) return this.#duplicate(publisher, sequence);
    if (isQueueTopic(topic)) {
      const queue = this.queue(messageType, topic);
      if (queue === null || queue.depth >= limits.queueMessages) return { ok: false, reason: "queue full" };
    }
    const fields = readFields(messageType, request.body);
    const key = isQueueTopic(topic) ? null : (request.key ?? sowKeyOf(topic, fields));
    const body = request.delta ? this.#merged(request, key, fields) : request.body;
    const entry = this.#append(
      { ...this.#local("publish", request), sequence, key, body },
      body === request.body ? fields : readFields(messageType, body),
    );
    return { ok: true, sequence, durableFrom: entry.index, duplicate: false };
  }

  deleteRecords(request: DeleteRequest): Outcome {
    const { publisher } = request;
    const sequence = request.sequence ?? this.lastSequence(publisher) + 1n;
    if (sequence <= this.lastSequence(publisher)) return this.#duplicate(publisher, sequence);
    const change = { ...this.#local("delete", request), sequence, targets: request.keys };
    const entry = this.#append(change, null);
    return { ok: true, sequence, durableFrom: entry.index, duplicate: false };
  }

  /** Takes queue messages out by bookmark; answers how many were still there. */
  acknowledge(request: {
    publisher: string;
    messageType: string;
    topic: string;
    bookmarks: readonly string[];
  }): number {
    const queue = this.queue(request.messageType, request.topic);
    const taken = request.bookmarks.filter((bookmark) => queue?.acknowledge(bookmark) === true);
    if (taken.length > 0) this.#append({ ...this.#local("queue-ack", request), targets: taken }, null);
    return taken.length;
  }

  /** Takes over a change made at a peer; one that is already here is dropped (amps-facts 6.1). */
  takeOver(change: Change): void {
    const { sequence, publisher } = change;
    if (sequence !== null && sequence <= this.lastSequence(publisher)) return;
    this.#append(change, readFields(change.messageType, change.body));
  }

  /** Begins the subscription; with a bookmark, replays the log first. */
  subscribe(subscription: Subscription): void {
    this.#subscriptions.add(subscription);
    if (subscription.maxBacklog !== null) {
      this.queue(subscription.messageType, subscription.topic)?.subscribe(subscription);
    } else if (subscription.bookmark !== null) this.#replay(subscription, subscription.bookmark);
  }

  /** Ends one subscription of the receiver, or all of them. */
  unsubscribe(receiver: Receiver, subscriptionId: string | null): void {
    for (const subscription of this.#subscriptions) {
      if (subscription.receiver !== receiver) continue;
      if (subscriptionId === null || subscription.id === subscriptionId)
        this.#subscriptions.delete(subscription);
    }
    for (const queue of this.#queues.values()) queue.unsubscribe(receiver, subscriptionId);
  }

  /** The queue of that name, made at first use; null where there are too many. */
  queue(messageType: string, topic: string): QueueTopic | null {
    const name = topicKey(messageType, topic);
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    if (this.#queues.size >= limits.topics) return null;
    const queue = new QueueTopic({ topic, ...this.#options });
    this.#queues.set(name, queue);
    return queue;
  }

  queueFigures(): QueueFigures[] {
    return [...this.#queues.values()].map((queue) => queue.figures());
  }

  setProxiedTransfer(topic: string, enabled: boolean): boolean {
    const queues = [...this.#queues.values()].filter((queue) => queue.figures().topic === topic);
    for (const queue of queues) queue.setProxiedTransfer(enabled);
    return queues.length > 0;
  }

  #local(kind: Change["kind"], request: { publisher: string; messageType: string; topic: string }): Change {
    const { publisher, messageType, topic } = request;
    const { instance: origin, clock } = this.#options;
    const timeMs = clock.now();
    const nothing = { sequence: null, key: null, targets: [], body: Buffer.alloc(0) };
    return { kind, origin, timeMs, publisher, messageType, topic, ...nothing };
  }

  #duplicate(publisher: string, sequence: bigint): Outcome {
    return { ok: true, sequence, durableFrom: this.#sequences.localIndex(publisher), duplicate: true };
  }

  #merged({ messageType, topic, body }: PublishRequest, key: string | null, fields: Fields | null): Buffer {
    const record = key === null ? undefined : this.sow.get(messageType, topic, key);
    if (messageType !== "json" || fields === null || record?.fields == null) return body;
    try {
      return Buffer.from(JSON.stringify({ ...record.fields, ...fields }), "utf8");
    } catch {
      // What can be parsed may still be nested too deep to be written.
      return body;
    }
  }

  #append(change: Change, fields: Fields | null): LogEntry {
    const entry = this.log.append(change);
    if (change.sequence !== null) {
      const isLocal = change.origin === this.#options.instance;
      this.#sequences.note(change.publisher, change.sequence, isLocal ? entry.index : null);
    }
    this.#apply(entry, fields);
    for (const listener of this.#appended) listener(entry);
    return entry;
  }

  #apply(entry: LogEntry, fields: Fields | null): void {
    const { messageType, topic, key, body } = entry;
    if (entry.kind === "delete") this.sow.delete(messageType, topic, entry.targets);
    else if (entry.kind === "queue-ack") this.#applyQueueAck(entry);
    else if (isQueueTopic(topic)) this.queue(messageType, topic)?.add(entry);
    else {
      if (key !== null) this.sow.put(messageType, topic, key, body);
      this.#deliver(entry, fields);
    }
  }

  #applyQueueAck(entry: LogEntry): void {
    if (entry.origin === this.#options.instance) return;
    const queue = this.queue(entry.messageType, entry.topic);
    for (const bookmark of entry.targets) queue?.acknowledge(bookmark);
  }

  /** One message per client, naming all its plain subscriptions that match; bookmark subscriptions get their own. */
  #deliver(entry: LogEntry, fields: Fields | null): void {
    const plain = new Map<Receiver, string[]>();
    for (const subscription of this.#subscriptions) {
      if (!accepts(subscription, entry) || !subscription.filter(fields)) continue;
      if (subscription.bookmark !== null) deliverOne(subscription, entry);
      else plain.set(subscription.receiver, [...(plain.get(subscription.receiver) ?? []), subscription.id]);
    }
    for (const [receiver, subscriptionIds] of plain) {
      receiver.receive(entry, { subscriptionIds, withBookmark: false, leaseUntilMs: null });
    }
  }

  #replay(subscription: Subscription, bookmark: string): void {
    for (const entry of this.log.from(this.log.startOf(bookmark))) {
      if (entry.kind !== "publish" || !accepts(subscription, entry)) continue;
      const fields = subscription.filterText === "" ? null : readFields(entry.messageType, entry.body);
      if (subscription.filterText === "" || subscription.filter(fields)) deliverOne(subscription, entry);
    }
  }
}

function accepts(subscription: Subscription, entry: LogEntry): boolean {
  return (
    subscription.maxBacklog === null &&
    subscription.messageType === entry.messageType &&
    subscription.matchesTopic(entry.topic)
  );
}

function deliverOne(subscription: Subscription, entry: LogEntry): void {
  const subscriptionIds = [subscription.id];
  subscription.receiver.receive(entry, { subscriptionIds, withBookmark: true, leaseUntilMs: null });
}
