/** SOCKS5 (RFC 1928) with user and password (RFC 1929), over a connection that stands. */
import { SocksClient } from "socks";
import type { Socket } from "node:net";
import type { Failure } from "../contract/failures.ts";
import { formatHostPort } from "../config/address.ts";
import { accept, errorText, failure } from "../failures.ts";
import type { Handshake, ShakeHands } from "./handshake.ts";

/** Longer than any limit of ours: the caller's own timer ends a silent proxy. */
const libraryTimeoutMs = 3_600_000;

export const shakeSocks5: ShakeHands = (handshake) => {
  const { socket, target, credentials } = handshake;
  return new Promise((resolve) => {
    const client = new SocksClient({
      command: "connect",
      // Only its port is looked at: the connection stands already.
      proxy: {
        host: "127.0.0.1",
        port: 1080,
        type: 5,
        ...(credentials && { userId: credentials.user, password: credentials.password }),
      },
      destination: { host: target.host, port: target.port },
      timeout: libraryTimeoutMs,
    });
    client.on("error", (error: Error) => {
      socket.destroy();
      resolve({ ok: false, failure: describeSocksError(errorText(error), handshake) });
    });
    // The socket may stay half open, so the library would wait for more behind the proxy's end.
    const onEnd = () => void socket.destroy();
    socket.once("end", onEnd);
    client.on("established", () => {
      socket.off("end", onEnd);
      keepEarlyBytes(socket, () => resolve(accept(socket)));
    });
    client.connect(socket);
  });
};

/**
 * The library hands early bytes out as a `data` event one turn later and sets the socket flowing, whether somebody
 * listens or not: they are caught here and put back. A socket that was paused would stay so whoever listens, and Node's
 * HTTP client only listens; one whose `readable` listener has gone flows when the next one comes.
 */
function keepEarlyBytes(socket: Socket, done: () => void): void {
  const early: Buffer[] = [];
  const onData = (chunk: Buffer) => early.push(chunk);
  socket.on("data", onData);
  setImmediate(() => {
    socket.off("data", onData);
    socket.pause();
    if (early.length > 0) socket.unshift(Buffer.concat(early));
    const nobody = () => undefined;
    socket.on("readable", nobody);
    socket.off("readable", nobody);
    process.nextTick(done);
  });
}

function describeSocksError(text: string, { tunnel, target, credentials }: Handshake): Failure {
  const where = formatHostPort(target);
  if (/Authentication failed/i.test(text))
    return failure("TUNNEL_AUTH_FAILED", `Tunnel ${tunnel} refused the user and password.`);
  if (/no accepted authentication type/i.test(text)) {
    return credentials
      ? failure("TUNNEL_AUTH_FAILED", `Tunnel ${tunnel} accepts no log-on with user and password.`)
      : failure("TUNNEL_AUTH_FAILED", `Tunnel ${tunnel} asks for a user, and none is configured.`);
  }
  const rejected = /rejected connection - (\w+)/.exec(text)?.[1];
  switch (rejected) {
    case undefined:
      break;
    case "ConnectionRefused":
      return failure("CONNECT_REFUSED", `${where} refused the connection that tunnel ${tunnel} tried.`);
    case "HostUnreachable":
    case "NetworkUnreachable":
      return failure("HOST_UNREACHABLE", `${where} cannot be reached from tunnel ${tunnel}.`, {
        advice: "Check the host name as the far end of the tunnel knows it, and the network there.",
      });
    case "TTLExpired":
      return failure("CONNECT_TIMEOUT", `${where} did not answer tunnel ${tunnel}.`);
    case "NotAllowed":
      return failure("TUNNEL_REFUSED", `Tunnel ${tunnel} does not allow connections to ${where}.`);
    default:
      return failure("TUNNEL_REFUSED", `Tunnel ${tunnel} did not connect to ${where} (${rejected}).`);
  }
  if (/^Socket closed|ECONNRESET|EPIPE/.test(text))
    return failure("TUNNEL_ANSWER_INVALID", `Tunnel ${tunnel} broke the connection off before it answered.`);
  return failure("TUNNEL_ANSWER_INVALID", `Tunnel ${tunnel} did not answer as a SOCKS5 proxy.`);
}
