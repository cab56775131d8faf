/** What a backend's answer has to be before any of it goes to a client; Node's parser is strict, and lets these through. */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { EndpointKind } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { failure } from "../failures.ts";
import { isSwitching, parseAnswerHead, type AnswerHead } from "./answer-head.ts";
import { ReachError } from "./pinned-agent.ts";

/** For a backend to begin its answer, and between the parts of it, in milliseconds. */
export const answerTimeoutMs = 30_000;

/** RFC 9110 15.2 lets a server say any number of 1xx: one that says nothing else would hold its client for ever. */
const mostInterimAnswers = 100;
const tooManyInterim = `more than ${mostInterimAnswers} times 1xx`;

export function invalidAnswer(backend: string, why: string): Failure {
  return failure("BACKEND_ANSWER_INVALID", `${backend} did not answer in HTTP (${why}).`);
}

/** `what` was asked, where it is worth a word: `the upgrade`. */
export function lateAnswer(backend: string, what = ""): Failure {
  return failure(
    "BACKEND_TIMEOUT",
    `${backend} did not answer ${what === "" ? "" : `${what} `}within ${answerTimeoutMs / 1000} s.`,
  );
}

/** `how`: an error's code or name. */
export function brokenAnswer(backend: string, how: string, what = ""): Failure {
  return failure(
    "BACKEND_RESET",
    `${backend} broke the connection off before it answered ${what === "" ? "" : `${what} `}(${how}).`,
  );
}

/** Why an answer's head is no HTTP/1 answer, or null. */
export function answerProblem(backend: string, { httpVersion }: IncomingMessage): Failure | null {
  return httpVersion === "1.1" || httpVersion === "1.0"
    ? null
    : invalidAnswer(backend, `HTTP/${httpVersion}`);
}

/** Gives a request up, by an error with the reason, whose backend sends interim answers only. */
export function limitInterimAnswers(upstream: ClientRequest, backend: string): void {
  let interim = 0;
  upstream.on("information", () => {
    if (++interim > mostInterimAnswers)
      upstream.destroy(new ReachError(invalidAnswer(backend, tooManyInterim)));
  });
}

export interface AnswerStart {
  readonly head: AnswerHead;
  /** The head as it came. */
  readonly bytes: Buffer;
  /** What came behind it. */
  readonly behind: Buffer;
}

/** Collects what a backend says on a bare socket until it answers: a final status, or 101. Interim answers are passed over. */
export class AnswerStartReader {
  readonly #parse: typeof parseAnswerHead;
  #held: Buffer | null = null;
  #interim = 0;

  /** `parse`: the connection's, where more than one answer comes on it. */
  constructor(parse = parseAnswerHead) {
    this.#parse = parse;
  }

  /** Something of an answer has come. */
  get hasBegun(): boolean {
    return this.#held !== null;
  }

  /** Null: it is not whole yet. Any text: what is wrong with it. */
  read(chunk: Buffer): AnswerStart | string | null {
    let held = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    for (;;) {
      const head = this.#parse(held);
      if (head === "more") {
        this.#held = held;
        return null;
      }
      if (typeof head === "string") return head;
      const behind = held.subarray(head.end);
      if (head.status >= 200 || head.status === 101)
        return { head, bytes: held.subarray(0, head.end), behind };
      if (++this.#interim > mostInterimAnswers) return tooManyInterim;
      held = behind;
    }
  }
}

/** Of whom an upgrade was asked. */
export interface AskedEndpoint {
  readonly kind: EndpointKind;
  readonly backend: string;
}

/** What has come of the answer to an upgrade: null while it is not whole; a failure where it is none, or a 101 that names no protocol. */
export function readUpgradeAnswer(
  reader: AnswerStartReader,
  chunk: Buffer,
  { kind, backend }: AskedEndpoint,
): AnswerStart | Failure | null {
  const start = reader.read(chunk);
  if (start === null) return null;
  const invalid = (why: string): Failure => invalidAnswer(`The ${kind} endpoint of ${backend}`, why);
  if (typeof start === "string") return invalid(start);
  return start.head.status === 101 && !isSwitching(start.head)
    ? invalid("a 101 that names no protocol")
    : start;
}
