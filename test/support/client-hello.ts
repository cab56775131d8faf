/** The first flight of Node's own TLS client. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";

export async function makeClientHello(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: "127.0.0.1", port, ...options }).on("error", () => undefined);
  const [socket] = (await once(server, "connection")) as [Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

/** A TLS record with a part of a handshake. */
export function handshakeRecord(fragment: Buffer): Buffer {
  const head = Buffer.from([22, 3, 1, 0, 0]);
  head.writeUInt16BE(fragment.length, 3);
  return Buffer.concat([head, fragment]);
}
