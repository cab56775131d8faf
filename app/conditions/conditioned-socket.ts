/**
 * A backend's socket under conditions: a stream of its own with a lane each way, so that whoever splices it notices
 * nothing but the conditions. Destroying it before both sides have said their last resets the backend.
 *
 *     splice ──write──▶ [lane] ──▶ backend
 *            ◀──read─── [lane] ◀── backend
 */
import { Duplex } from "node:stream";
import type { Conditions } from "../contract/conditions.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import { confirmEnd } from "../forward/confirm-end.ts";
import { resetSocket } from "../forward/reset.ts";
import { Lane } from "./lane.ts";

/** The conditions of one route as they are now. */
export interface LiveConditions {
  current(): Conditions | null;
  /** Returns how to stop listening. */
  onChange(listener: () => void): () => void;
}

function brokenOff(): Error {
  return Object.assign(new Error("broken off by the route's conditions"), { code: "ECONNRESET" });
}

export class ConditionedSocket extends Duplex implements BackendSocket {
  bytesRead = 0;
  bytesWritten = 0;
  readonly #raw: BackendSocket;
  readonly #live: LiveConditions;
  readonly #toBackend: Lane;
  readonly #toClient: Lane;
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | null = null;
  /** The backend is gone: what is written goes nowhere, and nobody is told. */
  #abandoned = false;
  #limited = false;
  #wanted: (() => void) | null = null;
  #roomForWrite: (() => void) | null = null;
  #ended: ((error: Error | null) => void) | null = null;

  constructor(raw: BackendSocket, live: LiveConditions) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
    this.#live = live;
    this.#toBackend = new Lane({
      conditions: () => this.#conditionsFor("to-backend"),
      deliver: (bytes) => this.#writeToBackend(bytes),
      finish: () => raw.end(() => this.#ended?.(null)),
      onRoom: () => this.#takeRoom(),
      onLimit: () => this.#closeAtLimit(),
    });
    this.#toClient = new Lane({
      conditions: () => this.#conditionsFor("to-client"),
      deliver: (bytes) => this.#pushToClient(bytes),
      finish: (error) => void (error ? this.destroy(error) : this.push(null)),
      onRoom: () => void raw.resume(),
      onLimit: () => this.#closeAtLimit(),
    });
    this.#listen();
    this.#unsubscribe = live.onChange(() => this.#review());
    this.#arm();
  }

  setTimeout(timeoutMs: number): this {
    this.#raw.setTimeout(timeoutMs);
    return this;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.bytesWritten += chunk.length;
    if (this.#limited) return done(brokenOff());
    if (this.#abandoned) return done();
    this.#toBackend.carry(chunk);
    if (this.#toBackend.isFull) this.#roomForWrite = done;
    else done();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#abandoned || this.#limited) return done();
    this.#ended = done;
    this.#toBackend.finish(null);
  }

  override _read(): void {
    this.#wanted?.();
    this.#wanted = null;
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#unsubscribe();
    if (this.#timer) clearTimeout(this.#timer);
    this.#toBackend.close();
    this.#toClient.close();
    if (this.readableEnded && this.writableFinished) this.#raw.destroy();
    else resetSocket(this.#raw);
    done(error);
  }

  #listen(): void {
    this.#raw.on("data", (chunk: Buffer) => {
      this.#toClient.carry(chunk);
      if (this.#toClient.isFull) this.#raw.pause();
    });
    let over = false;
    const finish = (error: Error | null): void => {
      if (over) return;
      over = true;
      this.#toClient.finish(error);
    };
    this.#raw.on("end", () => confirmEnd(this.#raw, () => finish(null)));
    this.#raw.on("error", (error) => finish(error));
    this.#raw.on("close", () => finish(this.#raw.readableEnded ? null : brokenOff()));
    this.#raw.on("timeout", () => this.emit("timeout"));
  }

  #conditionsFor(way: "to-backend" | "to-client"): Conditions | null {
    const conditions = this.#live.current();
    const { direction = "both" } = conditions ?? {};
    return direction === "both" || direction === way ? conditions : null;
  }

  #writeToBackend(bytes: Buffer): Promise<void> | void {
    if (this.#raw.destroyed || this.#raw.write(bytes)) return;
    return new Promise((resolve) => {
      const go = (): void => {
        this.#raw.off("drain", go);
        this.#raw.off("close", go);
        resolve();
      };
      this.#raw.on("drain", go);
      this.#raw.on("close", go);
    });
  }

  #pushToClient(bytes: Buffer): Promise<void> | void {
    this.bytesRead += bytes.length;
    if (this.push(bytes)) return;
    return new Promise((resolve) => (this.#wanted = resolve));
  }

  #takeRoom(): void {
    const done = this.#roomForWrite;
    this.#roomForWrite = null;
    done?.();
  }

  #review(): void {
    if (this.#abandoned) return void this.destroy(brokenOff());
    this.#arm();
    this.#toBackend.review();
    this.#toClient.review();
  }

  #arm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const fault = this.#live.current()?.fault;
    if (fault?.do === "reset") this.#after(fault.afterMs, () => this.destroy(brokenOff()));
    if (fault?.do === "half-open") this.#after(fault.afterMs, () => this.#abandon());
    if (fault?.do === "blackhole" && fault.closeAfterMs > 0)
      this.#after(fault.closeAfterMs, () => this.destroy(brokenOff()));
  }

  #after(ms: number, act: () => void): void {
    this.#timer = setTimeout(act, ms);
  }

  #abandon(): void {
    this.#abandoned = true;
    this.#toBackend.close();
    this.#toClient.close();
    resetSocket(this.#raw);
    this.#takeRoom();
    this.#ended?.(null);
  }

  #closeAtLimit(): void {
    if (this.#limited) return;
    this.#limited = true;
    this.#toBackend.close();
    this.#toClient.close();
    this.#raw.end();
    this.push(null);
    this.#takeRoom();
    this.#ended?.(null);
  }
}
