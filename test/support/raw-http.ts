/** Raw HTTP over a socket: requests exactly as written, answers as they come. */
import { connectTcp } from "./tcp-client.ts";

export interface RawAnswer {
  readonly status: number;
  /** The head's lines, without the status line. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Sends bytes as they are (`{port}` in text becomes the port), waits for the end, and reads one answer. */
export async function exchange(
  port: number,
  request: string,
  pieces: readonly string[] = [request],
): Promise<RawAnswer> {
  const client = await connectTcp(port);
  for (const piece of pieces) {
    client.socket.write(Buffer.from(piece.replaceAll("{port}", String(port)), "latin1"));
    if (pieces.length > 1) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const text = (await client.whole()).toString("latin1");
  return readAnswer(text);
}

export function readAnswer(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...headers] = head.split("\r\n");
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, body: rest.join("\r\n\r\n") };
}

/** A GET of a target that asks for the connection to end. */
export function get(target: string, headers: readonly string[] = []): string {
  return [`GET ${target} HTTP/1.1`, "Host: 127.0.0.1:{port}", "Connection: close", ...headers, "", ""].join(
    "\r\n",
  );
}
