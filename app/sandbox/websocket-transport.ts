import { createServer } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import { limits } from "./limits.ts";
import { LoopbackListener } from "./loopback-listener.ts";
import type { WireContext } from "./wire/client-wire.ts";
import { messageTypeOfPath } from "./wire/preflight.ts";
import { WsWire } from "./wire/ws-wire.ts";

/** The AMPS WebSocket transport: any path that ends in `/amps/<type>`; deflates where the client offers it (1.3). */
export function websocketTransport(context: WireContext): LoopbackListener {
  const server = createServer((_request, response) => {
    response.writeHead(400, { "content-type": "text/plain", connection: "close" });
    response.end("The AMPS WebSocket transport of a Shunt sandbox: WebSocket clients only.\n");
  });
  const listener = new LoopbackListener(server);
  const upgrades = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: { threshold: 1024 },
  });
  server.on("upgrade", (request, socket: Socket, head) => {
    const messageType = messageTypeOfPath(request.url ?? "");
    if (request.headers.upgrade?.toLowerCase() !== "websocket") return refuse(socket, "400 Bad Request");
    if (messageType === null) return refuse(socket, "404 Not Found");
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      new WsWire(webSocket, socket, messageType, context);
    });
  });
  server.on("clientError", (_error, socket) => refuse(socket as Socket, "400 Bad Request"));
  return listener;
}

function refuse(socket: Socket, status: string): void {
  if (!socket.writable) return;
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
