/** One plain request's answer on its way to the client: its head rewritten (plain-answer.ts), its body as it comes, until its own end. */
import type { Socket } from "node:net";
import type { Failure } from "../contract/failures.ts";
import { resetSocket } from "../forward/reset.ts";
import { findBodyEnd, type BodyEnd } from "./answer-body.ts";
import {
  AnswerStartReader,
  brokenAnswer,
  invalidAnswer,
  lateAnswer,
  type AnswerStart,
} from "./backend-answer.ts";
import type { Answered, PlainAnswer } from "./plain-answer.ts";
import type { Asker, PlainLine } from "./plain-line.ts";

interface ExchangeOptions {
  readonly client: Socket;
  readonly line: PlainLine;
  readonly backend: string;
  readonly asked: Omit<Answered, "head">;
  /** The answer has gone out; `last`: no other can follow it on the client's connection. */
  readonly onDone: (last: boolean) => void;
  /** There is none, and nothing went out. */
  readonly onFailed: (reason: Failure) => void;
  /** The line was over before the request can have arrived; false where it may not be asked again. */
  readonly onUnasked: () => boolean;
}

export class PlainExchange implements Asker {
  readonly #options: ExchangeOptions;
  readonly #start: AnswerStartReader;
  #answer: PlainAnswer | null = null;
  #body: BodyEnd | null = null;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#start = new AnswerStartReader(options.line.parseHead);
  }

  /** The client has read what it was sent. */
  drained(): void {
    this.#options.line.socket.resume();
  }

  read(chunk: Buffer): void {
    if (this.#body) return this.#pass(this.#body, chunk);
    const start = this.#start.read(chunk);
    if (start === null) return;
    if (typeof start === "string") return this.#fail(this.#invalid(start));
    if (start.head.status === 101) return this.#fail(this.#invalid("a 101 that nobody asked for"));
    this.#begin(start);
  }

  lost(how: string): void {
    const { client, line, backend, onUnasked, onDone } = this.#options;
    if (this.#answer) {
      if (how === "end" && this.#answer.framing === "close") return onDone(true);
      return resetSocket(client);
    }
    // The kept connection had been closed by the backend just as it was used.
    if (line.asked > 1 && !this.#start.hasBegun && onUnasked()) return;
    this.#fail(brokenAnswer(backend, how === "end" ? "ECONNRESET" : how));
  }

  late(): void {
    this.#fail(lateAnswer(this.#options.backend));
  }

  /** The client has gone. */
  abandon(): void {
    this.#options.line.drop();
  }

  #begin({ head, behind }: AnswerStart): void {
    const { line, asked } = this.#options;
    const { method, entry, authority, keepsAlive } = asked;
    this.#answer = line.answer({ head, method, entry, authority, keepsAlive });
    this.#body = findBodyEnd(this.#answer.framing);
    this.#pass(this.#body, behind, this.#answer.bytes);
  }

  /** In one write with the head, where that has just come. */
  #pass(body: BodyEnd, chunk: Buffer, head: Buffer | null = null): void {
    const { client, line, onDone } = this.#options;
    const taken = body.take(chunk);
    if (taken < 0) return this.#fail(this.#invalid("broken chunks"));
    const part = taken === chunk.length ? chunk : chunk.subarray(0, taken);
    const isRoomy = client.write(head ? Buffer.concat([head, part]) : part);
    if (body.isOver) {
      // What comes behind an answer must not be taken for the next one.
      if (this.#answer?.isLineKept && taken === chunk.length) line.rest();
      else line.drop();
      onDone(this.#answer?.isLast ?? true);
    } else if (!isRoomy) line.socket.pause();
  }

  #invalid(why: string): Failure {
    return invalidAnswer(this.#options.backend, why);
  }

  /** Once the head is out a short answer must not look whole. */
  #fail(reason: Failure): void {
    const { client, line, onFailed } = this.#options;
    line.drop();
    if (this.#answer) resetSocket(client);
    else onFailed(reason);
  }
}
