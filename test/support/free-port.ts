/** Ports for tests and benches: nobody else on this machine is given the same one, for as long as this process lives. */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** Below the range from which `listen(0)` and outgoing connections take theirs (ip(7)). */
const lowest = 12_000;
const highest = 32_000;
const attempts = 500;

/** A TCP port that can be listened on at `host`. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if ((await reserve(port)) && (await canListen(port, host))) return port;
  }
  throw new Error(`no free port between ${lowest} and ${highest}`);
}

/** A UDP socket on the same number says, to every other process that asks here, that it is taken. */
function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4").unref();
    socket.once("error", () => resolve(false));
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => resolve(true));
  });
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
