/** Looks at the first bytes of an HTTP server's connections before its own parser gets them, and takes what it knows. */
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { Chain } from "../forward/chain.ts";
import { resetSocket } from "../forward/reset.ts";

/** True: the connection is taken, and its socket paused or listened to. False: it is the parser's, with these bytes. */
export type Take = (socket: Socket, bytes: Buffer) => boolean;

interface FirstLook {
  /** Begins with a connection that was let in elsewhere: its first bytes, or null where it is silent. */
  enter(socket: Socket, bytes: Buffer | null): void;
  /** Leaves a connection that was taken to Node's parser after all, from these bytes. */
  leave(socket: Socket, bytes: Buffer): void;
  /** For a server that is closed: resets connections that have not said a whole request within so long. */
  closeSilent(withinMs: number): void;
}

/** Who says nothing for so long is left to Node's server, which has limits for that. */
const silentMs = 250;

/** `event`: with which the server's connections come. To be called before there are any. */
export function lookFirst(server: Server, event: "connection" | "secureConnection", take: Take): FirstLook {
  // Node's own listener, which starts its parser. Its documentation tells how to hand connections to it: by this event.
  const parsers = server.listeners(event) as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners(event);
  const silent = new Chain<Socket>();
  /** The parser has them, and no request of theirs yet. A closed server sets them no limit. */
  const early = new Set<Socket>();
  const isAsked = ({ socket }: IncomingMessage): void => void early.delete(socket);
  server.on("request", isAsked).on("upgrade", isAsked).on("connect", isAsked);
  const parse = (socket: Socket, bytes: Buffer | null): void => {
    early.add(socket);
    for (const parser of parsers) parser.call(server, socket);
    // To the parser, at once: unshifted, they would come behind what it reads from the handle by itself.
    if (bytes) socket.emit("data", bytes);
    if (early.has(socket)) socket.once("close", () => early.delete(socket));
  };
  server.on(event, (socket: Socket) => {
    // First of all: a reset before anything else is ready must not end the process.
    socket.on("error", () => undefined);
    const link = silent.add(socket);
    const lookAway = (): void => {
      silent.remove(link);
      clearTimeout(timer);
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.off("close", lookAway);
    };
    const onData = (bytes: Buffer): void => {
      lookAway();
      if (!take(socket, bytes)) parse(socket, bytes);
    };
    const onEnd = (): void => {
      lookAway();
      socket.end();
    };
    const timer = setTimeout(() => {
      lookAway();
      parse(socket, null);
    }, silentMs);
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("close", lookAway);
  });
  const resetSilent = (): void => {
    for (const socket of silent) resetSocket(socket);
    for (const socket of early) resetSocket(socket);
  };
  return {
    enter(socket, bytes) {
      socket.on("error", () => undefined);
      if (bytes === null || !take(socket, bytes)) parse(socket, bytes);
    },
    leave: parse,
    closeSilent(withinMs) {
      if (withinMs > 0) setTimeout(resetSilent, withinMs).unref();
      else resetSilent();
    },
  };
}
