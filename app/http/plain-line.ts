/** A kept connection to an admin endpoint, for one plain request after another. */
import type { BackendSocket } from "../forward/backend-socket.ts";
import { readDirectly, stopReading } from "../forward/direct-socket.ts";
import { errorCode } from "../failures.ts";
import { parseAnswerHead } from "./answer-head.ts";
import { answerTimeoutMs } from "./backend-answer.ts";
import { rememberHead, rememberLast } from "./last-one.ts";
import { plainAnswer } from "./plain-answer.ts";

/** Who asked last, and waits for the answer. */
export interface Asker {
  read(chunk: Buffer): void;
  /** `end`: a clean one; else an error's code. Nothing more will come. */
  lost(how: string): void;
  /** Nothing has come for as long as an answer may take. */
  late(): void;
}

export class PlainLine {
  readonly socket: BackendSocket;
  readonly parseHead = rememberHead(parseAnswerHead);
  readonly answer = rememberLast(plainAnswer);
  /** Requests so far. */
  asked = 0;
  #asker: Asker | null = null;
  #broken = "ECONNRESET";

  constructor(socket: BackendSocket) {
    this.socket = socket;
    // Half open, it would take a request and never answer.
    socket.allowHalfOpen = false;
    readDirectly(socket, this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("error", this.#onError);
    socket.on("close", this.#onClose);
    socket.on("timeout", this.#onTimeout);
    socket.setTimeout(answerTimeoutMs);
    socket.resume();
  }

  ask(head: Buffer, asker: Asker): void {
    this.asked++;
    this.#asker = asker;
    this.socket.write(head);
  }

  /** The answer is complete. */
  rest(): void {
    this.#asker = null;
  }

  drop(): void {
    this.#asker = null;
    this.socket.destroy();
  }

  /** Gives the idle connection up to somebody else: flowing on, since Node's client resumes none that was paused. */
  release(): BackendSocket {
    const { socket } = this;
    stopReading(socket, this.#onData);
    socket.off("end", this.#onEnd);
    socket.off("close", this.#onClose);
    socket.off("timeout", this.#onTimeout);
    socket.setTimeout(0);
    return socket;
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#asker) this.#asker.read(chunk);
    // What nobody has asked for must not be taken for the next answer.
    else this.socket.destroy();
  };
  readonly #onEnd = (): void => this.#lose("end");
  readonly #onError = (error: Error): void => {
    this.#broken = errorCode(error) ?? error.name;
  };
  readonly #onClose = (): void => this.#lose(this.#broken);
  readonly #onTimeout = (): void => this.#asker?.late();

  #lose(how: string): void {
    const asker = this.#asker;
    this.drop();
    asker?.lost(how);
  }
}
