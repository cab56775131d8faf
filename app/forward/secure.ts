/** TLS towards a backend, over a connection that stands: verified unless the operator says otherwise. */
import { isIP } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Reply } from "../contract/commands.ts";
import type { BackendTls } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { formatHostPort, type HostPort } from "../config/address.ts";
import { accept, errorCode, errorText, failure, refuse } from "../failures.ts";
import type { BackendSocket } from "./backend-socket.ts";
import { defaultDialTimeoutMs, type DialOptions } from "./open-tcp.ts";
import { rememberTransport, resetSocket } from "./reset.ts";
import { settle } from "./settle.ts";
import { readTlsFile } from "./tls-files.ts";

function readTlsFiles(tls: BackendTls): Reply<Pick<ConnectionOptions, "ca" | "cert" | "key">> {
  const files: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  for (const [key, path] of [
    ["ca", tls.caFile],
    ["cert", tls.clientCertFile],
    ["key", tls.clientKeyFile],
  ] as const) {
    if (path === undefined) continue;
    const read = readTlsFile(path);
    if (!read.ok) return read;
    files[key] = read.value;
  }
  return accept(files);
}

export async function secure(
  raw: BackendSocket,
  address: HostPort,
  tls: BackendTls,
  options: DialOptions,
): Promise<Reply<BackendSocket>> {
  const files = readTlsFiles(tls);
  if (!files.ok) {
    raw.destroy();
    return files;
  }
  const name = tls.serverName ?? address.host;
  let socket: TLSSocket;
  try {
    socket = connectTls({
      ...files.value,
      socket: raw,
      allowHalfOpen: true,
      rejectUnauthorized: tls.verify !== false,
      host: name,
      ...(isIP(name) === 0 && { servername: name }),
    } as ConnectionOptions);
  } catch (error) {
    raw.destroy();
    return refuse("TLS_FAILED", `TLS to ${formatHostPort(address)} could not begin: ${errorText(error)}.`);
  }
  rememberTransport(socket, raw);
  const where = formatHostPort(address);
  const timeoutMs = options.timeoutMs ?? defaultDialTimeoutMs;
  const reply = await settle({
    socket,
    ready: "secureConnect",
    timeoutMs,
    signal: options.signal,
    onTimeout: () =>
      failure("TLS_FAILED", `${where} did not finish the TLS handshake within ${timeoutMs / 1000} s.`),
    onError: (error) => describeTlsError(error, where, name),
  });
  if (!reply.ok) resetSocket(socket);
  return reply;
}

export function describeTlsError(error: Error, where: string, name: string): Failure {
  const code = errorCode(error) ?? "";
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return failure(
      "TLS_EXPIRED",
      `The certificate of ${where} ${code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet"}.`,
    );
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return failure("TLS_NAME_MISMATCH", `The certificate of ${where} is not for the name ${name}.`);
  if (code === "DEPTH_ZERO_SELF_SIGNED_CERT")
    return failure("TLS_UNKNOWN_CA", `The certificate of ${where} is signed by itself and not known here.`);
  if (/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED|INVALID_CA/.test(code)) {
    return failure(
      "TLS_UNKNOWN_CA",
      `The certificate of ${where} is signed by an authority that is not known here (${code}).`,
    );
  }
  if (asksForCertificate(code))
    return failure("TLS_CLIENT_REFUSED", `${where} did not accept Shunt as a TLS client (${code}).`);
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL/.test(code)) {
    return failure("TLS_FAILED", `${where} does not speak TLS: it answered with something else.`, {
      advice: "Check the port, or write the endpoint without TLS (tcp, ws, http).",
    });
  }
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|VERSION_TOO_LOW/.test(code)) {
    return failure("TLS_FAILED", `${where} and Shunt have no TLS version in common.`, {
      advice: "Allow TLS 1.2 or 1.3 on the server (SecureSocketProtocols in AMPS).",
    });
  }
  if (code === "ECONNRESET")
    return failure("TLS_FAILED", `${where} broke the connection off in the TLS handshake.`);
  return failure("TLS_FAILED", `TLS to ${where} failed: ${code === "" ? errorText(error) : code}.`);
}

/**
 * True for the alerts by which a server refuses a client's certificate or its absence. TLS 1.3 sends them after the client
 * holds the handshake for finished, so they may also end a connection that stood.
 */
export function asksForCertificate(code: string): boolean {
  return /ALERT_(CERTIFICATE_|BAD_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE|UNSUPPORTED_CERT)/.test(
    code,
  );
}
