import { createServer } from "node:net";
import { LoopbackListener } from "./loopback-listener.ts";
import type { WireContext } from "./wire/client-wire.ts";
import { TcpWire } from "./wire/tcp-wire.ts";

/** The AMPS TCP transport, which since newer servers also answers an HTTP preflight (amps-facts 2.1 and 3). */
export function tcpTransport(context: WireContext): LoopbackListener {
  const server = createServer();
  const listener = new LoopbackListener(server);
  server.on("connection", (socket) => new TcpWire(socket, context));
  return listener;
}
