import type { Filter } from "./filter.ts";
import type { LogEntry } from "./log-entry.ts";

/** Who gets messages: a client's session, as the data side sees it. */
export interface Receiver {
  readonly id: number;
  receive(entry: LogEntry, delivery: Delivery): void;
}

export interface Delivery {
  readonly subscriptionIds: readonly string[];
  /** True where the client needs the bookmark: bookmark subscriptions and queues. */
  readonly withBookmark: boolean;
  /** Queue messages: when the lease ends. */
  readonly leaseUntilMs: number | null;
}

export interface Subscription {
  readonly id: string;
  readonly receiver: Receiver;
  readonly messageType: string;
  readonly topic: string;
  readonly matchesTopic: (topic: string) => boolean;
  readonly filterText: string;
  readonly filter: Filter;
  readonly options: string;
  /** Null for a subscription without bookmark. */
  readonly bookmark: string | null;
  /** Queues: how many messages may be leased at once; null elsewhere. */
  readonly maxBacklog: number | null;
}

/** A topic names itself; of AMPS's topic patterns the sandbox knows `.*` alone. */
export function topicMatcher(topic: string): (candidate: string) => boolean {
  if (!topic.includes(".*")) return (candidate) => candidate === topic;
  const parts = topic.replace(/^\^/, "").replace(/\$$/, "").split(".*");
  return (candidate) => {
    const first = parts[0] ?? "";
    const last = parts[parts.length - 1] ?? "";
    if (!candidate.startsWith(first) || !candidate.endsWith(last)) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = candidate.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at + last.length <= candidate.length;
  };
}
