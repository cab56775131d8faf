import { formatAmpsTime } from "../data/amps-time.ts";
import type { LogEntry } from "../data/log-entry.ts";
import type { Delivery, Subscription } from "../data/subscription.ts";
import type { AmpsMessage, HeaderFields } from "../wire/amps-message.ts";
import type { BatchRecord, ClientWire, WireListener } from "../wire/client-wire.ts";
import { readCommand, type Command } from "./command.ts";
import { handlers } from "./handlers.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { logOn } from "./logon.ts";
import type { Identity, Session, SessionHost } from "./session.ts";

/** One client from its first byte to its last: first a logon, then commands; messages go back to it. */
export class ClientSession implements Session, WireListener {
  readonly id: number;
  readonly wire: ClientWire;
  readonly host: SessionHost;
  readonly connectedAtMs: number;
  readonly subscriptions = new Map<string, Subscription>();
  identity: Identity | null = null;
  heartbeat: Heartbeat | null = null;
  messagesIn = 0;
  messagesOut = 0;
  #ended = false;

  constructor(id: number, wire: ClientWire, host: SessionHost) {
    this.id = id;
    this.wire = wire;
    this.host = host;
    this.connectedAtMs = host.clock.now();
  }

  onMessage(message: AmpsMessage): void {
    if (this.#ended) return;
    this.messagesIn += 1;
    const command = readCommand(message);
    if (this.identity === null) {
      if (command.name === "logon") return logOn(this, command);
      return this.end("implicit logon refused");
    }
    const handle = handlers.get(command.name);
    if (handle === undefined) return this.end("unknown command");
    handle(this, this.identity, command);
  }

  onClosed(): void {
    this.#leave();
  }

  receive(entry: LogEntry, { subscriptionIds, withBookmark, leaseUntilMs }: Delivery): void {
    const fields = {
      c: "p",
      t: entry.topic,
      s: entry.sequence ?? undefined,
      bm: withBookmark ? entry.bookmark : undefined,
      lp: leaseUntilMs === null ? undefined : formatAmpsTime(leaseUntilMs),
      k: entry.key ?? undefined,
      sids: subscriptionIds.join(","),
      l: entry.body.length,
    };
    this.send(fields, entry.body);
  }

  send(fields: HeaderFields, body?: Buffer): void {
    if (this.#ended) return;
    this.messagesOut += 1;
    this.wire.send(fields, body);
  }

  sendBatch(fields: HeaderFields, records: readonly BatchRecord[]): void {
    if (this.#ended) return;
    this.messagesOut += records.length;
    this.wire.sendBatch(fields, records);
  }

  acknowledge(command: Command, kind: string, more: HeaderFields = {}): void {
    if (command.acks.has(kind)) this.#answer(command, kind, { status: "success", ...more });
  }

  refuse(command: Command, reason: string): void {
    const kind = ["processed", "persisted", "completed"].find((candidate) => command.acks.has(candidate));
    if (kind !== undefined) this.#answer(command, kind, { status: "failure", reason });
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#leave();
    this.wire.end(reason);
  }

  #leave(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.heartbeat?.stop();
    this.heartbeat = null;
    this.subscriptions.clear();
    this.host.leave(this);
  }

  #answer(command: Command, kind: string, fields: HeaderFields): void {
    // The JavaScript client cannot read an `s` that is the last field, so it comes early (amps-facts 2.3).
    const { s, ...rest } = fields;
    this.send({
      c: "ack",
      cid: command.commandId,
      s: s ?? command.sequence ?? undefined,
      query_id: command.queryId,
      sub_id: command.subscriptionId,
      a: kind,
      ...rest,
    });
  }
}
