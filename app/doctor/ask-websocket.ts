/** Asks a websocket endpoint to upgrade, and hears what it says. */
import { randomBytes } from "node:crypto";
import type { BackendSocket } from "../forward/backend-socket.ts";
import { firstAnswer, spokenBy, wrongPort } from "./first-answer.ts";
import type { Finding } from "./finding.ts";

/** Ends the socket. */
export async function askWebSocket(
  socket: BackendSocket,
  authority: string,
  limitMs: number,
): Promise<Finding> {
  const lines = [
    "GET /amps/json HTTP/1.1",
    `Host: ${authority}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "Sec-WebSocket-Version: 13",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const answer = await firstAnswer(socket, limitMs, (bytes) => bytes.includes("\r\n\r\n"));
  socket.destroy();
  const wrong = "Correct the port in the backend's endpoint.";
  if (answer.is === "silent")
    return {
      outcome: "failed",
      finding: `It did not answer the upgrade within ${limitMs / 1000} s.`,
      advice: wrong,
    };
  if (answer.is === "closed")
    return {
      outcome: "failed",
      finding: "It closed the connection at the upgrade request.",
      advice: "Check the port: AMPS's TCP transport closes on HTTP; and whether it wants TLS (wss).",
    };
  const spoken = spokenBy(answer.bytes);
  if (spoken !== "http")
    return { outcome: "failed", finding: wrongPort(spoken) ?? "It does not answer in HTTP.", advice: wrong };
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer.bytes.toString("latin1", 0, 40))?.[1] ?? "?";
  if (status === "101") return { outcome: "ok", finding: "It speaks WebSocket.", advice: null };
  if (status === "401" || status === "403")
    return {
      outcome: "warning",
      finding: `It asks for authentication (${status}).`,
      advice: "Nothing to do where clients bring their own.",
    };
  return {
    outcome: "failed",
    finding: `It answered ${status} instead of 101: this looks like the admin or the amps port, or a transport of another message type.`,
    advice: wrong,
  };
}
