/** Waits for the first bytes that a backend answers with, and says what they look like. */
import type { BackendSocket } from "../forward/backend-socket.ts";

type FirstAnswer =
  { readonly is: "bytes"; readonly bytes: Buffer } | { readonly is: "closed" } | { readonly is: "silent" };

/** `enough`: whether what has come is all that is needed; judged at every chunk, and settled by the limit. */
export function firstAnswer(
  socket: BackendSocket,
  limitMs: number,
  enough: (bytes: Buffer) => boolean,
): Promise<FirstAnswer> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const done = (nothing: "closed" | "silent"): void => {
      clearTimeout(timer);
      resolve(bytes.length > 0 ? { is: "bytes", bytes } : { is: nothing });
    };
    const timer = setTimeout(() => done("silent"), limitMs);
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]).subarray(0, 64 * 1024);
      if (enough(bytes)) done("closed");
    });
    socket.on("end", () => done("closed"));
    socket.on("close", () => done("closed"));
    socket.resume();
  });
}

type Spoken = "http" | "amps" | "tls" | "ssh" | "unknown";

/** What a server that was asked the wrong way seems to speak. */
export function spokenBy(bytes: Buffer): Spoken {
  const text = bytes.toString("latin1", 0, 16);
  if (text.startsWith("HTTP/")) return "http";
  if (text.startsWith("SSH-")) return "ssh";
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return "tls";
  if (bytes[4] === 0x7b && bytes.readUInt32BE(0) < 0x1000000) return "amps";
  return "unknown";
}

/** What to say of a port that turned out to be another. */
export function wrongPort(spoken: Spoken): string | null {
  switch (spoken) {
    case "http":
      return "It answers in HTTP: this looks like the admin or the websocket port.";
    case "amps":
      return "It answers as AMPS's TCP transport does: this looks like the amps port.";
    case "tls":
      return "It answers with a TLS alert: this port wants TLS (tcps, wss, https).";
    case "ssh":
      return "It is an SSH server.";
    case "unknown":
      return null;
  }
}
