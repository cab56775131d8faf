/** Asks a backend for an upgrade over the connection that was opened for it, and reads the head of its answer. */
import type { Reply } from "../contract/commands.ts";
import type { GoneSignal } from "../forward/departure.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { Failure } from "../contract/failures.ts";
import { accept, errorCode } from "../failures.ts";
import { isSwitching } from "./answer-head.ts";
import {
  AnswerStartReader,
  answerTimeoutMs,
  brokenAnswer,
  invalidAnswer,
  lateAnswer,
  type AnswerStart,
} from "./backend-answer.ts";

/** What came behind the head is back in the socket, which is paused. */
export type Answered = Pick<AnswerStart, "head" | "bytes">;

export interface Asking {
  readonly socket: BackendSocket;
  /** The request's head. */
  readonly request: Buffer;
  /** For messages: the endpoint, and its backend. */
  readonly endpoint: string;
  readonly backend: string;
  /** Gives up when the client goes. */
  readonly gone: GoneSignal;
}

/** Never rejects. Interim answers are passed over; a 101 that names no protocol is none. */
export function askUpgrade({ socket, request, endpoint, backend, gone }: Asking): Promise<Reply<Answered>> {
  return new Promise((resolve) => {
    const reader = new AnswerStartReader();
    const done = (reply: Reply<Answered>): void => {
      clearTimeout(timer);
      gone.removeEventListener("abort", onGone);
      socket.off("data", onData);
      socket.off("error", onBroken);
      socket.off("end", onEnd);
      socket.off("close", onEnd);
      socket.pause();
      resolve(reply);
    };
    const fail = (reason: Failure): void => done({ ok: false, failure: reason });
    const invalid = (why: string): void => fail(invalidAnswer(endpoint, why));
    const onData = (chunk: Buffer): void => {
      const start = reader.read(chunk);
      if (start === null) return;
      if (typeof start === "string") return invalid(start);
      const { head, bytes, behind } = start;
      if (head.status === 101 && !isSwitching(head)) return invalid("a 101 that names no protocol");
      done(accept({ head, bytes }));
      if (behind.length > 0) socket.unshift(behind);
    };
    const broken = (how: string): void => fail(brokenAnswer(backend, how, "the upgrade"));
    const onBroken = (error: Error) => broken(errorCode(error) ?? error.message);
    const onEnd = () => broken("ECONNRESET");
    const onGone = () => broken("the client left");
    const timer = setTimeout(() => fail(lateAnswer(backend, "the upgrade")), answerTimeoutMs);
    socket.on("data", onData);
    socket.on("error", onBroken);
    socket.on("end", onEnd);
    socket.on("close", onEnd);
    gone.addEventListener("abort", onGone);
    socket.write(request);
    socket.resume();
  });
}
