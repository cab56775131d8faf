/** The far end of load rows, in a process of its own: `echo`, `flood` (counting words, for ever), `upgrade` (101, then echo). */
import { createServer, type AddressInfo, type Socket } from "node:net";

const [mode, port = "0", backlog = "4096"] = process.argv.slice(2);

function echo(socket: Socket): void {
  socket.on("data", (chunk) => {
    if (!socket.write(chunk)) socket.pause();
  });
  socket.on("drain", () => socket.resume());
  socket.on("end", () => socket.end());
}

/** Words of 32 bits that count up: a gap, a repeat or a swap is seen wherever it is. */
function flood(socket: Socket): void {
  let word = 0;
  const fill = (): void => {
    for (;;) {
      const chunk = Buffer.allocUnsafe(65_536);
      for (let at = 0; at < chunk.length; at += 4) chunk.writeUInt32BE(word++ >>> 0, at);
      if (!socket.write(chunk)) return void socket.once("drain", fill);
    }
  };
  socket.resume();
  fill();
}

function upgrade(socket: Socket): void {
  let head = "";
  const read = (chunk: Buffer): void => {
    head += chunk.toString("latin1");
    if (!head.includes("\r\n\r\n")) return;
    socket.off("data", read);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    echo(socket);
  };
  socket.on("data", read);
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on("error", () => undefined);
  if (mode === "flood") flood(socket);
  else if (mode === "upgrade") upgrade(socket);
  else echo(socket);
});
server.listen({ port: Number(port), host: "127.0.0.1", backlog: Number(backlog) }, () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);
