import type { AddressInfo, Server, Socket } from "node:net";
import { limits } from "./limits.ts";
import { resetSocket } from "../forward/reset.ts";

/** Sandbox instances are for this machine only. */
export const loopback = "127.0.0.1";

/** A server on the loopback address that knows its sockets, so that it can be killed as a process would be. */
export class LoopbackListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.maxConnections = limits.connectionsPerListener;
    server.on("connection", (socket: Socket) => {
      socket.on("error", () => socket.destroy());
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  get listening(): boolean {
    return this.#server.listening;
  }

  /** Binds the port (0: any) and answers the one that was bound; rejects where it is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, loopback, () => {
        this.#server.off("error", reject);
        // After the start an error belongs to one accept, and the listener goes on.
        this.#server.on("error", () => undefined);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Binds the first of the ports that is free; rejects where none is. */
  async listenOnFirst(ports: readonly number[]): Promise<number> {
    let refusal: unknown = null;
    for (const port of ports) {
      try {
        return await this.listen(port);
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  /** Stops listening and resets every connection; resolves when the last of them has closed. */
  async close(): Promise<void> {
    this.#server.removeAllListeners("error");
    this.#server.on("error", () => undefined);
    // The server may call itself closed before its sockets have said so.
    const closing = [...this.#sockets].map(
      (socket) => new Promise((resolve) => socket.once("close", resolve)),
    );
    const stopped = new Promise((resolve) => {
      if (this.#server.listening) this.#server.close(resolve);
      else resolve(null);
    });
    for (const socket of this.#sockets) resetSocket(socket);
    await Promise.all([stopped, ...closing]);
  }
}
