/** Asks a backend for an upgrade over the connection that was opened for it, and reads the head of its answer. */
import type { Reply } from "../contract/commands.ts";
import type { GoneSignal } from "../forward/departure.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import { accept, errorCode, refuse } from "../failures.ts";
import { isSwitching, parseAnswerHead, type AnswerHead } from "./answer-head.ts";
import { invalidAnswer, mostInterimAnswers } from "./backend-answer.ts";

export const answerTimeoutMs = 30_000;

export interface Answered {
  readonly head: AnswerHead;
  /** The head's bytes, as they came; what came behind them is back in the socket, which is paused. */
  readonly bytes: Buffer;
}

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
    let held: Buffer | null = null;
    let interim = 0;
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
    const invalid = (why: string) => done({ ok: false, failure: invalidAnswer(endpoint, why) });
    const onData = (chunk: Buffer): void => {
      held = held ? Buffer.concat([held, chunk]) : chunk;
      for (;;) {
        const head = parseAnswerHead(held);
        if (typeof head === "string") {
          if (head !== "more") invalid(head);
          return;
        }
        const behind = held.subarray(head.end);
        if (head.status >= 200 || isSwitching(head)) {
          done(accept({ head, bytes: held.subarray(0, head.end) }));
          if (behind.length > 0) socket.unshift(behind);
          return;
        }
        if (head.status === 101) return invalid("a 101 that names no protocol");
        if (++interim > mostInterimAnswers) return invalid(`more than ${mostInterimAnswers} times 1xx`);
        held = behind;
      }
    };
    const broken = (how: string): void =>
      done(
        refuse(
          "BACKEND_RESET",
          `${backend} broke the connection off before it answered the upgrade (${how}).`,
        ),
      );
    const onBroken = (error: Error) => broken(errorCode(error) ?? error.message);
    const onEnd = () => broken("ECONNRESET");
    const onGone = () => broken("the client left");
    const timer = setTimeout(
      () =>
        done(
          refuse(
            "BACKEND_TIMEOUT",
            `${backend} did not answer the upgrade within ${answerTimeoutMs / 1000} s.`,
          ),
        ),
      answerTimeoutMs,
    );
    socket.on("data", onData);
    socket.on("error", onBroken);
    socket.on("end", onEnd);
    socket.on("close", onEnd);
    gone.addEventListener("abort", onGone);
    socket.write(request);
    socket.resume();
  });
}
