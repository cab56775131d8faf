/** HTTP CONNECT (RFC 9110, 9.3.6) with Basic credentials, over a connection that stands. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Failure } from "../contract/failures.ts";
import { formatHostPort } from "../config/address.ts";
import { accept, errorCode, failure } from "../failures.ts";
import type { Handshake, ShakeHands } from "./handshake.ts";

export const shakeHttpConnect: ShakeHands = (handshake) => {
  const { socket, target, credentials, tunnel } = handshake;
  const authority = formatHostPort(target);
  return new Promise((resolve) => {
    const asking = httpRequest({
      createConnection: () => socket,
      method: "CONNECT",
      path: authority,
      headers: {
        Host: authority,
        ...(credentials && { "Proxy-Authorization": basic(credentials) }),
      },
      setHost: false,
    });
    asking.on("connect", (answer: IncomingMessage, _socket: Socket, early: Buffer) => {
      if (answer.statusCode !== undefined && answer.statusCode >= 200 && answer.statusCode < 300) {
        if (early.length > 0) socket.unshift(early);
        return resolve(accept(socket));
      }
      socket.destroy();
      resolve({ ok: false, failure: describeAnswer(answer, handshake) });
    });
    asking.on("error", (error) => {
      socket.destroy();
      const code = errorCode(error) ?? "";
      const what = code.startsWith("HPE_")
        ? "did not answer as an HTTP proxy"
        : "broke the connection off before it answered";
      resolve({ ok: false, failure: failure("TUNNEL_ANSWER_INVALID", `Tunnel ${tunnel} ${what}.`) });
    });
    asking.end();
  });
};

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}

function describeAnswer(answer: IncomingMessage, { tunnel, target, credentials }: Handshake): Failure {
  const where = formatHostPort(target);
  const status = answer.statusCode ?? 0;
  // tinyproxy says 401 to a wrong password.
  if (status === 407 || status === 401) {
    const offered = answer.headers["proxy-authenticate"] ?? "";
    if (offered !== "" && !/\bbasic\b/i.test(offered)) {
      const scheme = /^[A-Za-z]{1,20}/.exec(offered)?.[0] ?? "another scheme";
      return failure("TUNNEL_AUTH_FAILED", `Tunnel ${tunnel} asks for ${scheme}; Shunt speaks Basic.`, {
        advice: "Ask for Basic on the proxy, or put a local proxy that speaks its scheme in between.",
      });
    }
    return credentials
      ? failure("TUNNEL_AUTH_FAILED", `Tunnel ${tunnel} refused the user and password.`)
      : failure("TUNNEL_AUTH_FAILED", `Tunnel ${tunnel} asks for a user, and none is configured.`);
  }
  if (status === 403 || status === 405)
    return failure("TUNNEL_REFUSED", `Tunnel ${tunnel} does not allow connections to ${where} (${status}).`);
  if (status === 504) return failure("CONNECT_TIMEOUT", `${where} did not answer tunnel ${tunnel} (504).`);
  if (status >= 500)
    return failure("HOST_UNREACHABLE", `Tunnel ${tunnel} could not connect to ${where} (${status}).`, {
      advice:
        "Check the host name and port as the far end of the tunnel knows them, and that the service runs.",
    });
  return failure("TUNNEL_REFUSED", `Tunnel ${tunnel} did not connect to ${where} (${status}).`);
}
