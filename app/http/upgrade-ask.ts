/** Asks a backend for an upgrade over the connection that was opened for it, and reads the head of its answer. */
import type { Reply } from "../contract/commands.ts";
import type { GoneSignal } from "../forward/departure.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { Failure } from "../contract/failures.ts";
import { accept, errorCode } from "../failures.ts";
import {
  AnswerStartReader,
  answerTimeoutMs,
  brokenAnswer,
  lateAnswer,
  readUpgradeAnswer,
  type AnswerStart,
  type AskedEndpoint,
} from "./backend-answer.ts";

/** What came behind the head is back in the socket, which is paused. */
type Answered = Pick<AnswerStart, "head" | "bytes">;

interface Asking extends AskedEndpoint {
  readonly socket: BackendSocket;
  /** The request's head. */
  readonly request: Buffer;
  /** Gives up when the client goes. */
  readonly gone: GoneSignal;
}

/** Never rejects. Interim answers are passed over; a 101 that names no protocol is none. */
export function askUpgrade({ socket, request, kind, backend, gone }: Asking): Promise<Reply<Answered>> {
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
    const onData = (chunk: Buffer): void => {
      const start = readUpgradeAnswer(reader, chunk, { kind, backend });
      if (start === null) return;
      if ("code" in start) return fail(start);
      const { head, bytes, behind } = start;
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
