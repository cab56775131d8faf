/** Reads a request's JSON body, bounded; anything else is a failure that says so. */
import type { IncomingMessage } from "node:http";
import type { Reply } from "../contract/commands.ts";
import { accept, refuse } from "../failures.ts";

/** Enough for a configuration of 10,000 routes. */
const largestBodyBytes = 20 * 1024 * 1024;

export async function readJsonBody(request: IncomingMessage): Promise<Reply<unknown>> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\b/i.test(type))
    return refuse("BAD_ARGUMENT", "The body must be JSON (Content-Type: application/json).");
  const announced = Number(request.headers["content-length"] ?? 0);
  const bytes = announced > largestBodyBytes ? null : await readBounded(request);
  if (bytes === null)
    return refuse("BAD_ARGUMENT", `The body is larger than ${largestBodyBytes / 1024 / 1024} MB.`);
  const text = bytes.toString("utf8");
  try {
    return accept(text === "" ? null : JSON.parse(text));
  } catch {
    return refuse("BAD_ARGUMENT", "The body is not JSON.");
  }
}

/** Null for a body that is too large; the rest of it stays unread, so that the answer can still be sent. */
function readBounded(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (bytes: Buffer | null): void => {
      request.off("data", onData);
      request.pause();
      resolve(bytes);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > largestBodyBytes) done(null);
      else chunks.push(chunk);
    };
    request.on("data", onData);
    request.once("end", () => done(Buffer.concat(chunks)));
    request.once("close", () => done(Buffer.concat(chunks)));
  });
}
