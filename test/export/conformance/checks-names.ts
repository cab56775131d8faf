/** Checks of TLS that goes through: which backend's certificate a client sees. */
import { connect } from "node:tls";
import { handshakeRecord, makeClientHello } from "../../support/client-hello.ts";
import { connectTcp } from "../../support/tcp-client.ts";
import type { Check } from "./check.ts";

/** `servername` null: the client names none. */
export function overTls(
  port: number,
  servername: string | null = "localhost",
): Promise<{ readonly said: string; readonly name: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      ...(servername !== null && { servername }),
    });
    socket.on("error", reject);
    socket.once("data", (chunk) => {
      const name = String(socket.getPeerCertificate().subject.CN);
      socket.destroy();
      resolve({ said: chunk.toString(), name });
    });
    socket.write("carried");
  });
}

/** The name of the certificate that each client sees, or how it was turned away. */
async function certified(port: number, ...servers: readonly (string | null)[]): Promise<string> {
  const told = servers.map((server) =>
    overTls(port, server).then(
      ({ name }) => name,
      ({ code = "failed", message }: NodeJS.ErrnoException) =>
        message.includes("unrecognized name") ? "told so" : code === "ECONNRESET" ? "closed" : code,
    ),
  );
  return (await Promise.all(told)).join(", ");
}

export const nameChecks: readonly Check[] = [
  {
    what: "TLS by server name: exact, under a wildcard, another route's",
    run: ({ ports }) => certified(ports.named, "backend.test", "A.backend.test", "other.test"),
  },
  {
    what: "TLS server name of no route, of two labels under a wildcard, none at all",
    run: ({ ports }) => certified(ports.named, "nobody.test", "a.b.backend.test", null),
  },
  {
    what: "The same where a route without names takes the rest",
    run: ({ ports }) => certified(ports.withRest, "nobody.test", "a.backend.test", null),
  },
  {
    what: "TLS server name of a stopped route, beside one without names",
    run: async ({ ports }) =>
      (await certified(ports.withRest, "stopped.test")) === "other.test" ? "let in" : "turned away",
  },
  {
    what: "TLS ClientHello in two records",
    async run({ ports }) {
      const hello = (await makeClientHello({ servername: "backend.test" })).subarray(5);
      const client = await connectTcp(ports.named);
      client.socket.write(handshakeRecord(hello.subarray(0, 40)));
      client.socket.write(handshakeRecord(hello.subarray(40)));
      return client.received(1).then(
        () => "answered",
        () => "closed",
      );
    },
  },
];
