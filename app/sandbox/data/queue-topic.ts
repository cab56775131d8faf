import type { SandboxClock } from "../clock.ts";
import type { LogEntry } from "./log-entry.ts";
import { readFields, type Fields } from "./message-fields.ts";
import type { Receiver, Subscription } from "./subscription.ts";

interface Lease {
  readonly subscription: Subscription;
  readonly sinceMs: number;
  readonly cancelExpiry: () => void;
}

interface QueueMessage {
  readonly entry: LogEntry;
  readonly fields: Fields | null;
  lease: Lease | null;
}

/** What the statistics show of one queue. */
export interface QueueFigures {
  readonly topic: string;
  readonly depth: number;
  readonly owned: number;
  readonly backlog: number;
  readonly secondsBehind: number;
  readonly oldestLeaseSeconds: number;
  readonly proxiedTransfer: boolean;
}

interface QueueOptions {
  readonly topic: string;
  readonly instance: string;
  readonly leaseMs: number;
  readonly clock: SandboxClock;
}

/**
 * A queue: every message goes to one subscriber under a lease and returns when the lease ends unacknowledged.
 * An instance delivers what was published to it; what peers own waits for them, unless proxied transfer is on.
 */
export class QueueTopic {
  readonly #options: QueueOptions;
  readonly #messages = new Map<string, QueueMessage>();
  #subscriptions: Subscription[] = [];
  readonly #leased = new Map<Subscription, number>();
  #proxiedTransfer = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get depth(): number {
    return this.#messages.size;
  }

  add(entry: LogEntry): void {
    const fields = readFields(entry.messageType, entry.body);
    this.#messages.set(entry.bookmark, { entry, fields, lease: null });
    this.#dispatch();
  }

  /** Takes the message out for good; false where it is not, or no longer, here. */
  acknowledge(bookmark: string): boolean {
    const message = this.#messages.get(bookmark);
    if (message === undefined) return false;
    this.#release(message);
    this.#messages.delete(bookmark);
    this.#dispatch();
    return true;
  }

  /** Gives a leased message back, for another delivery. */
  giveBack(bookmark: string): boolean {
    const message = this.#messages.get(bookmark);
    if (message?.lease == null) return false;
    this.#release(message);
    this.#dispatch();
    return true;
  }

  subscribe(subscription: Subscription): void {
    this.#subscriptions.push(subscription);
    this.#dispatch();
  }

  /** Ends the receiver's subscriptions (or one of them); what it had leased is delivered again. */
  unsubscribe(receiver: Receiver, subscriptionId: string | null): void {
    const ends = (subscription: Subscription) =>
      subscription.receiver === receiver && (subscriptionId === null || subscription.id === subscriptionId);
    if (!this.#subscriptions.some(ends)) return;
    for (const message of this.#messages.values()) {
      if (message.lease !== null && ends(message.lease.subscription)) this.#release(message);
    }
    this.#subscriptions = this.#subscriptions.filter((subscription) => !ends(subscription));
    this.#dispatch();
  }

  setProxiedTransfer(enabled: boolean): void {
    this.#proxiedTransfer = enabled;
    this.#dispatch();
  }

  figures(): QueueFigures {
    const nowMs = this.#options.clock.now();
    let owned = 0;
    let oldestMs = nowMs;
    let oldestLeaseMs = nowMs;
    let backlog = 0;
    for (const { entry, lease } of this.#messages.values()) {
      if (entry.origin === this.#options.instance) owned += 1;
      oldestMs = Math.min(oldestMs, entry.timeMs);
      if (lease !== null) {
        backlog += 1;
        oldestLeaseMs = Math.min(oldestLeaseMs, lease.sinceMs);
      }
    }
    return {
      topic: this.#options.topic,
      depth: this.#messages.size,
      owned,
      backlog,
      secondsBehind: Math.floor((nowMs - oldestMs) / 1000),
      oldestLeaseSeconds: Math.floor((nowMs - oldestLeaseMs) / 1000),
      proxiedTransfer: this.#proxiedTransfer,
    };
  }

  #dispatch(): void {
    if (!this.#subscriptions.some((subscription) => this.#hasRoom(subscription))) return;
    for (const message of this.#messages.values()) {
      if (message.lease !== null) continue;
      if (message.entry.origin !== this.#options.instance && !this.#proxiedTransfer) continue;
      const at = this.#subscriptions.findIndex(
        (subscription) => this.#hasRoom(subscription) && subscription.filter(message.fields),
      );
      const subscription = this.#subscriptions[at];
      if (subscription === undefined) {
        if (this.#subscriptions.some((candidate) => this.#hasRoom(candidate))) continue;
        return;
      }
      // The one just served goes to the end, so that equal consumers share the work.
      this.#subscriptions.push(...this.#subscriptions.splice(at, 1));
      this.#lease(message, subscription);
    }
  }

  #hasRoom(subscription: Subscription): boolean {
    return (this.#leased.get(subscription) ?? 0) < (subscription.maxBacklog ?? 1);
  }

  #lease(message: QueueMessage, subscription: Subscription): void {
    const { clock, leaseMs } = this.#options;
    const sinceMs = clock.now();
    const cancelExpiry = clock.after(leaseMs, () => {
      this.#release(message);
      this.#dispatch();
    });
    message.lease = { subscription, sinceMs, cancelExpiry };
    this.#leased.set(subscription, (this.#leased.get(subscription) ?? 0) + 1);
    subscription.receiver.receive(message.entry, {
      subscriptionIds: [subscription.id],
      withBookmark: true,
      leaseUntilMs: sinceMs + leaseMs,
    });
  }

  #release(message: QueueMessage): void {
    if (message.lease === null) return;
    const { subscription, cancelExpiry } = message.lease;
    cancelExpiry();
    message.lease = null;
    const left = (this.#leased.get(subscription) ?? 1) - 1;
    if (left > 0) this.#leased.set(subscription, left);
    else this.#leased.delete(subscription);
  }
}
