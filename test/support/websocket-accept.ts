/** The Sec-WebSocket-Accept of a key (RFC 6455, section 4.2.2). */
import { createHash } from "node:crypto";

export function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}
