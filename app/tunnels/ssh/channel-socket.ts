/**
 * A channel of an SSH connection that ends as a TCP socket would. ssh2's own channel says nothing when its connection
 * dies (one that is not read), or ends cleanly (one that is); this one is told by its connection, and breaks.
 */
import { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";
import type { BackendSocket } from "../../forward/backend-socket.ts";

/** What a channel needs to know of the connection that carries it. */
export interface Carrier {
  isAlive(): boolean;
  /** Runs `then` when the connection takes more bytes: channels share it, and none may fill memory in front of it. */
  whenWritable(then: () => void): void;
}

/** Kept for a reader that has stopped, beside the window that ssh2 gives the server (2 MiB). */
const bufferBytes = 64 * 1024;

export class ChannelSocket extends Duplex implements BackendSocket {
  bytesRead = 0;
  bytesWritten = 0;
  readonly #channel: ClientChannel;
  readonly #carrier: Carrier;
  #closed = false;
  #idleMs = 0;
  #idle: NodeJS.Timeout | null = null;

  constructor(channel: ClientChannel, carrier: Carrier) {
    super({ allowHalfOpen: true, highWaterMark: bufferBytes });
    this.#channel = channel;
    this.#carrier = carrier;
    channel.on("data", (chunk: Buffer) => this.#onData(chunk));
    channel.on("end", () => this.#onEnd());
    channel.on("close", () => this.#onClosed());
    channel.on("error", () => this.resetAndDestroy());
    channel.pause();
  }

  #onData(chunk: Buffer): void {
    if (this.destroyed) return;
    this.bytesRead += chunk.length;
    this.#touch();
    if (!this.push(chunk)) this.#channel.pause();
  }

  /** A close of both ways in one breath, before our side has ended, is the far end breaking off: wait to see it. */
  #onEnd(): void {
    setImmediate(() => {
      if (this.destroyed) return;
      if (!this.#carrier.isAlive() || (this.#closed && !this.writableEnded)) this.resetAndDestroy();
      else this.push(null);
    });
  }

  #onClosed(): void {
    this.#closed = true;
    if (!this.writableEnded) setImmediate(() => this.resetAndDestroy());
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#carrier.whenWritable(() => {
      if (this.destroyed || this.#closed) return done(brokenOff());
      this.bytesWritten += chunk.length;
      this.#touch();
      this.#channel.write(chunk, () => done());
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#idle) clearTimeout(this.#idle);
    if (!this.#closed && this.#carrier.isAlive()) this.#channel.close();
    // What still comes is let go, so that the server's window does not stay shut.
    this.#channel.resume();
    done(error);
  }

  /** Ends it as a reset would: whoever reads it learns that it broke. */
  resetAndDestroy(): this {
    return this.destroy(brokenOff());
  }

  /** As on a TCP socket: `timeout` is told, nothing is ended. */
  setTimeout(timeoutMs: number, listener?: () => void): this {
    if (listener) this.once("timeout", listener);
    this.#idleMs = timeoutMs;
    this.#touch();
    return this;
  }

  #touch(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle =
      this.#idleMs > 0 && !this.destroyed
        ? setTimeout(() => this.emit("timeout"), this.#idleMs).unref()
        : null;
  }

  // Node's HTTP agent calls these on every socket it keeps; the SSH connection itself takes care of them.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

function brokenOff(): Error {
  return Object.assign(new Error("The SSH channel was broken off"), { code: "ECONNRESET" });
}
