/** Asks an instance for its replication statistics: one GET that changes nothing. */
import { request } from "node:http";
import type { Duplex } from "node:stream";

const longestAnswerBytes = 4 * 1024 * 1024;
const answerTimeoutMs = 5_000;

/** Uses up the socket. The document, or null where there is none to be had (a password is asked for, no JSON, no answer). */
export function askReplication(socket: Duplex, authority: string): Promise<unknown> {
  return new Promise((resolve) => {
    const done = (document: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(document);
    };
    const timer = setTimeout(() => done(null), answerTimeoutMs);
    const asking = request({
      createConnection: () => socket,
      path: "/amps/instance/replication.json",
      headers: { Host: authority, Connection: "close" },
    });
    asking.on("error", () => done(null));
    asking.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > longestAnswerBytes) done(null);
        else chunks.push(chunk);
      });
      response.on("error", () => done(null));
      response.on("end", () =>
        done(response.statusCode === 200 ? parseDocument(Buffer.concat(chunks)) : null),
      );
    });
    asking.end();
  });
}

/** JSON, or null. */
export function parseDocument(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
