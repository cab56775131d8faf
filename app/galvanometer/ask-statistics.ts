/** Asks an instance what it says of itself: GETs that change nothing. */
import { request } from "node:http";
import type { Duplex } from "node:stream";

const longestAnswerBytes = 4 * 1024 * 1024;
const answerTimeoutMs = 5_000;

export const replicationPath = "/amps/instance/replication.json";
export const configPath = "/amps/instance/config.xml";

interface Question {
  /** The Host line. */
  readonly authority: string;
  readonly path: string;
}

/** Uses up the socket. The body, or null where there is none to be had (a password is asked for, no answer). */
export function askInstance(socket: Duplex, { authority, path }: Question): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const done = (body: Buffer | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(body);
    };
    const timer = setTimeout(() => done(null), answerTimeoutMs);
    const asking = request({
      createConnection: () => socket,
      path,
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
      response.on("end", () => done(response.statusCode === 200 ? Buffer.concat(chunks) : null));
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
