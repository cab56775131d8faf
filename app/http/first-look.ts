/** Looks at the first bytes of an HTTP server's connections before its own parser gets them, and takes what it knows. */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { Chain } from "../forward/chain.ts";

/** True: the connection is taken, and its socket paused or listened to. False: it is the parser's, with these bytes. */
export type Take = (socket: Socket, bytes: Buffer) => boolean;

export interface FirstLook {
  /** Ends connections that have not said anything yet. */
  closeIdle(): void;
}

/** Who says nothing for so long is left to Node's server, which has limits for that. */
const silentMs = 1_000;

/** `event`: with which the server's connections come. To be called before there are any. */
export function lookFirst(server: Server, event: "connection" | "secureConnection", take: Take): FirstLook {
  // Node's own listener, which starts its parser. Its documentation tells how to hand connections to it: by this event.
  const parsers = server.listeners(event) as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners(event);
  const silent = new Chain<Socket>();
  server.on(event, (socket: Socket) => {
    // First of all: a reset before anything else is ready must not end the process.
    socket.on("error", () => undefined);
    const link = silent.add(socket);
    const leave = (): void => {
      silent.remove(link);
      clearTimeout(timer);
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.off("close", leave);
    };
    const leaveToNode = (): void => {
      leave();
      for (const parse of parsers) parse.call(server, socket);
    };
    const onData = (bytes: Buffer): void => {
      leave();
      if (take(socket, bytes)) return;
      leaveToNode();
      // To the parser, at once: unshifted, they would come behind what it reads from the handle by itself.
      socket.emit("data", bytes);
    };
    const onEnd = (): void => {
      leave();
      socket.end();
    };
    const timer = setTimeout(leaveToNode, silentMs);
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("close", leave);
  });
  return {
    closeIdle() {
      for (const socket of silent) socket.destroy();
    },
  };
}
