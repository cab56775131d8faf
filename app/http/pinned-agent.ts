/** One HTTP connection of Shunt's own choosing, used for one request after another. */
import { Agent, type ClientRequest, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { Failure } from "../contract/failures.ts";

/** Carries a dial's failure through Node's agent. */
export class ReachError extends Error {
  readonly reason: Failure;
  constructor(reason: Failure) {
    super(reason.message);
    this.reason = reason;
  }
}

/**
 * An agent with one connection, which it opens through `open`; NTLM and Negotiate authenticate the connection. Node counts it
 * only once it is open, and would open another one for who asks meanwhile: requests that may come together take turns.
 */
export class PinnedAgent extends Agent {
  readonly #open: () => Promise<Duplex>;
  #before: Promise<unknown> = Promise.resolve();
  constructor(open: () => Promise<Duplex>) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#open = open;
  }
  /** Resolves when the answers before this one are over. */
  turn(answer: ServerResponse): Promise<unknown> {
    const turn = this.#before;
    this.#before = new Promise((resolve) => answer.once("close", resolve));
    return turn;
  }
  // Node's own call what only net.Socket has; a channel of a tunnel, or a socket under conditions, is another stream.
  override keepSocketAlive(socket: Duplex): boolean {
    if (socket instanceof Socket) return super.keepSocketAlive(socket) as unknown as boolean;
    (socket as BackendSocket).setTimeout(0);
    return true;
  }
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    if (socket instanceof Socket) super.reuseSocket(socket, request);
    else request.reusedSocket = true;
  }
  override createConnection(
    _options: unknown,
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.#open().then(
      (socket) => {
        // A kept connection that its server has ended must close: half open, it would take a request and never answer.
        socket.allowHalfOpen = false;
        done?.(null, socket);
      },
      (error: unknown) =>
        done?.(error instanceof Error ? error : new Error(String(error)), undefined as unknown as Duplex),
    );
  }
}
