/** One change of an instance's data: what its transaction log holds and what replication carries. */
export interface Change {
  readonly kind: "publish" | "delete" | "queue-ack";
  /** The instance at which the change was made; only that instance replicates it. */
  readonly origin: string;
  readonly timeMs: number;
  /** Client name of the publisher. */
  readonly publisher: string;
  /** Grows with every message of one publisher; null for queue acknowledgements, which need no order. */
  readonly sequence: bigint | null;
  readonly messageType: string;
  readonly topic: string;
  /** SOW key of a publish, null where the topic keeps no state. */
  readonly key: string | null;
  /** `delete`: the SOW keys; `queue-ack`: the bookmarks. */
  readonly targets: readonly string[];
  readonly body: Buffer;
}

/** A change at its place in one instance's log. */
export interface LogEntry extends Change {
  readonly index: number;
  /** `<name hash>|<sequence>|`, equal on every instance. */
  readonly bookmark: string;
}

/** Topics with these names are queues. */
export function isQueueTopic(topic: string): boolean {
  return topic.startsWith("q-") || topic.endsWith("-queue");
}

/** Topics of different message types are different topics, even under one name. */
export function topicKey(messageType: string, topic: string): string {
  return `${messageType}/${topic}`;
}
