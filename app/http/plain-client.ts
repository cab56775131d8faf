/**
 * A client's plain requests (plain-head.ts), one after another on bare sockets, for as long as they are plain: anything else,
 * and anything to be refused before it is passed on, leaves with its bytes and for good to Node's parser.
 *
 *     head read at a glance → judged → leg (admin-leg.ts) → line (plain-line.ts) → answer (plain-exchange.ts) → next
 */
import type { Socket } from "node:net";
import type { Failure } from "../contract/failures.ts";
import { readDirectly, stopReading } from "../forward/direct-socket.ts";
import { refuseClient } from "../forward/forwarding.ts";
import { resetSocket } from "../forward/reset.ts";
import { legOf, type AdminLeg, type AdminLegs } from "./admin-leg.ts";
import { adminHead, judgeAdmin, readOnlyProblem, type AdminRequest } from "./admin-request.ts";
import { failureAnswer, sayLast } from "./answers.ts";
import { rememberHead, rememberLast } from "./last-one.ts";
import type { MatchedRequest, RequestFacts } from "./matched-request.ts";
import { keepAliveSeconds } from "./plain-answer.ts";
import { PlainExchange } from "./plain-exchange.ts";
import { readPlainHead, type PlainHead } from "./plain-head.ts";
import { PlainLine } from "./plain-line.ts";

interface PlainOptions {
  readonly client: Socket;
  readonly legs: AdminLegs;
  /** Null where the request is refused, or answered by Shunt itself. */
  readonly match: (request: RequestFacts) => MatchedRequest | null;
  /** Goes on with the client, from these bytes; this one is over. */
  readonly leave: (client: Socket, bytes: Buffer) => void;
}

/** A request that may be passed on. */
interface Passing {
  readonly bytes: Buffer;
  readonly matched: MatchedRequest;
  readonly judged: AdminRequest;
  readonly keepsAlive: boolean;
}

/** What a line is asked, and on whose behalf. */
interface Asked {
  readonly passing: Passing;
  readonly leg: AdminLeg;
  readonly mayRepeat: boolean;
}

/** At once where nothing has to be waited for, as mostly on a kept connection. */
function whenThere<T>(value: T | Promise<T>, go: (there: T) => void): void {
  if (value instanceof Promise) void value.then(go);
  else go(value);
}

export class PlainClient {
  readonly #options: PlainOptions;
  readonly #readHead = rememberHead(readPlainHead);
  readonly #adminHead = rememberLast(adminHead);
  readonly #lines = new Map<AdminLeg, PlainLine>();
  #isBusy = false;
  #exchange: PlainExchange | null = null;
  /** What came while an answer was under way. */
  #held: Buffer | null = null;
  /** The client has said its last. */
  #hasEnded = false;
  /** And so have we. */
  #hasStopped = false;
  #isClosing = false;

  constructor(options: PlainOptions) {
    this.#options = options;
  }

  /** True: the connection is taken. `head`: what was read from the bytes. */
  take(bytes: Buffer, head: PlainHead): boolean {
    const passing = this.#judge(bytes, head);
    if (!passing) return false;
    const { client } = this.#options;
    readDirectly(client, this.#onData);
    client.on("end", this.#onEnd);
    client.on("close", this.#onClose);
    client.on("drain", this.#onDrain);
    client.on("timeout", this.#onTimeout);
    client.setTimeout(keepAliveSeconds * 1_000);
    this.#pass(passing);
    return true;
  }

  /** Ends the connection, behind the answer that is under way. */
  close(): void {
    this.#isClosing = true;
    if (!this.#isBusy) this.#options.client.destroy();
  }

  #judge(bytes: Buffer, head: PlainHead | null): Passing | null {
    if (!head || head.isUpgrade || head.end !== bytes.length) return null;
    const matched = this.#options.match(head.request);
    const judged = matched && judgeAdmin(matched);
    if (!matched || !judged || judged.problem) return null;
    return { bytes, matched, judged, keepsAlive: head.keepsAlive };
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#isBusy) {
      this.#held = this.#held ? Buffer.concat([this.#held, bytes]) : bytes;
      this.#options.client.pause();
      return;
    }
    const passing = this.#judge(bytes, this.#readHead(bytes));
    if (passing) this.#pass(passing);
    else this.#leave(bytes);
  };
  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    if (!this.#isBusy) this.#options.client.end();
  };
  readonly #onClose = (): void => this.#exchange?.abandon();
  readonly #onDrain = (): void => this.#exchange?.drained();
  readonly #onTimeout = (): void => {
    const { client } = this.#options;
    if (this.#isBusy && !this.#hasStopped) return;
    // A client that does not read its answer must not take what it has for the whole.
    if (client.writableLength > 0) resetSocket(client);
    else client.destroy();
  };

  #leave(bytes: Buffer): void {
    const { client, leave } = this.#options;
    stopReading(client, this.#onData);
    client.off("end", this.#onEnd);
    client.off("close", this.#onClose);
    client.off("drain", this.#onDrain);
    client.off("timeout", this.#onTimeout);
    client.setTimeout(0);
    for (const [leg, line] of this.#lines) leg.giveBack(line.release());
    leave(client, bytes);
  }

  #pass(passing: Passing): void {
    const { client, legs } = this.#options;
    const { entry, forwarding } = passing.matched;
    this.#isBusy = true;
    whenThere(legOf(client, entry.route, forwarding, legs), (leg) => this.#passTo(leg, passing));
  }

  #passTo(leg: AdminLeg | Failure, passing: Passing): void {
    const { client } = this.#options;
    const { matched, judged, bytes } = passing;
    if (client.destroyed) return;
    if ("code" in leg) return this.#refuse(matched, leg);
    if (readOnlyProblem(matched, judged, leg.backend)) {
      this.#isBusy = false;
      return this.#leave(bytes);
    }
    this.#ask(passing, leg, judged.harmless);
  }

  /** `mayRepeat`: only what surely changes nothing is sent a second time. */
  #ask(passing: Passing, leg: AdminLeg, mayRepeat: boolean): void {
    const kept = this.#lines.get(leg);
    const line = kept && !kept.socket.destroyed ? kept : this.#openLine(leg);
    whenThere(line, (there) => this.#askOn(there, { passing, leg, mayRepeat }));
  }

  #askOn(line: PlainLine | Failure, { passing, leg, mayRepeat }: Asked): void {
    const { client } = this.#options;
    const { matched, judged, keepsAlive } = passing;
    const { request, entry, names } = matched;
    const { authority } = leg;
    if (client.destroyed) return line instanceof PlainLine ? line.drop() : undefined;
    if (!(line instanceof PlainLine)) return this.#refuse(matched, line);
    this.#exchange = new PlainExchange({
      client,
      line,
      backend: leg.backend.id,
      asked: { method: request.method ?? "", entry, authority, keepsAlive: keepsAlive && !this.#isClosing },
      onDone: (last) => this.#done(last),
      onFailed: (reason) => this.#refuse(matched, reason),
      onUnasked: () => {
        if (mayRepeat) this.#ask(passing, leg, false);
        return mayRepeat;
      },
    });
    const { remoteAddress = "" } = client;
    const asking = { request, entry, names, target: judged.target, authority, client: remoteAddress };
    line.ask(this.#adminHead(asking), this.#exchange);
  }

  async #openLine(leg: AdminLeg): Promise<PlainLine | Failure> {
    const reply = await leg.open();
    if (!reply.ok) return reply.failure;
    const line = new PlainLine(reply.value);
    this.#lines.set(leg, line);
    return line;
  }

  #done(last: boolean): void {
    const { client } = this.#options;
    this.#exchange = null;
    if (last || this.#hasEnded || this.#isClosing) return this.#stop();
    this.#isBusy = false;
    const held = this.#held;
    if (!held) return;
    this.#held = null;
    client.resume();
    this.#onData(held);
  }

  #refuse({ entry, forwarding }: MatchedRequest, reason: Failure): void {
    this.#exchange = null;
    refuseClient(forwarding, entry.route.id, reason);
    this.#stop(failureAnswer(reason));
  }

  /** Says the last and closes, at once where nothing of the client's is unread: that would turn the end into a reset. */
  #stop(answer: string | Buffer = ""): void {
    const { client } = this.#options;
    this.#hasStopped = true;
    stopReading(client, this.#onData);
    if (this.#held) return sayLast(client, answer);
    client.end(answer);
    client.destroySoon();
  }
}
