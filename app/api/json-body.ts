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
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > largestBodyBytes)
        return refuse("BAD_ARGUMENT", `The body is larger than ${largestBodyBytes / 1024 / 1024} MB.`);
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString("utf8");
    return accept(text === "" ? null : JSON.parse(text));
  } catch {
    return refuse("BAD_ARGUMENT", "The body is not JSON.");
  }
}
