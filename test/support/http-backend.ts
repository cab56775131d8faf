/** A real HTTP server that keeps the requests it gets, for path routes. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** The backend's view of the client's port: which connection it came on. */
  readonly connection: number;
}

interface HttpBackend {
  readonly port: number;
  readonly requests: SeenRequest[];
  close(): Promise<void>;
}

export type Answering = (request: SeenRequest, response: ServerResponse) => void;

const hello: Answering = (_request, response) => response.end("hello");

export async function startHttpBackend(answer: Answering = hello): Promise<HttpBackend> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers, rawHeaders, socket } = request;
      const seen = {
        method,
        target: url,
        headers,
        rawHeaders,
        body: Buffer.concat(chunks).toString(),
        connection: socket.remotePort ?? 0,
      };
      // The engine's health probe is no request of a client's.
      if (url === "/amps/instance/name.json")
        return void response.end('{"amps":{"instance":{"name":"test"}}}');
      requests.push(seen);
      answer(seen, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
