/** A backend that sends back what it gets, whole, once the client has said its last. */
import { startTcpBackend, type TcpBackend } from "./tcp-backend.ts";
import { cleanUp } from "./running-engine.ts";

export async function startEchoBackend(greeting = ""): Promise<TcpBackend> {
  const backend = await startTcpBackend({
    deaf: true,
    onConnection: (socket) => {
      if (greeting !== "") socket.write(greeting);
      socket.on("data", (chunk) => {
        if (!socket.write(chunk)) socket.pause();
      });
      socket.on("drain", () => socket.resume());
      socket.on("end", () => socket.end());
    },
  });
  cleanUp(() => backend.close());
  return backend;
}
