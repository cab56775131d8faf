/** Connects to a backend's endpoint: name, TCP, TLS. A failure is a value that names the hop. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, BackendTls, EndpointKind } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { formatHostPort, parseEndpoint, type EndpointAddress } from "../config/address.ts";
import { accept, errorCode, errorText, failure, refuse } from "../failures.ts";
import { rememberTransport, resetSocket } from "./reset.ts";

export interface DialOptions {
  /** For name, TCP and TLS together each: default 10,000. */
  readonly timeoutMs?: number;
  /** Abandons the attempt; the promise then resolves with CONNECT_FAILED. */
  readonly signal?: AbortSignal;
}

/** Opens a connection to one endpoint of a backend. Never rejects. */
export type Dial = (
  backend: BackendConfig,
  kind: EndpointKind,
  options?: DialOptions,
) => Promise<Reply<Socket>>;

export const defaultDialTimeoutMs = 10_000;

export const dial: Dial = async (backend, kind, options = {}) => {
  const url = backend[kind];
  const address = url === undefined ? null : parseEndpoint(kind, url);
  if (!address) return refuse("ENDPOINT_MISSING", `Backend ${backend.id} has no ${kind} endpoint.`);
  if (backend.via !== undefined) {
    return refuse(
      "TUNNEL_NOT_CARRIED",
      `Backend ${backend.id} is reached through tunnel ${backend.via}, which this version cannot open.`,
    );
  }
  const connected = await dialTcp(address, options);
  if (!connected.ok || !address.tls) return connected;
  return secure(connected.value, address, backend.tls ?? {}, options);
};

interface Settling {
  readonly socket: Socket;
  readonly ready: "connect" | "secureConnect";
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onTimeout: () => Failure;
  readonly onError: (error: Error) => Failure;
}

/** Waits for one socket to become ready, fail, run out of time or be abandoned; leaves no listener behind but a quiet `error` one. */
function settle({ socket, ready, timeoutMs, signal, onTimeout, onError }: Settling): Promise<Reply<Socket>> {
  return new Promise((resolve) => {
    const done = (reply: Reply<Socket>): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off(ready, onReady);
      socket.off("error", onFailed);
      socket.off("close", onClosed);
      // Between here and the splice an error must not bring the process down; the splice sees the `close`.
      socket.on("error", () => undefined);
      if (!reply.ok) socket.destroy();
      resolve(reply);
    };
    const onReady = () => done(accept(socket));
    const onFailed = (error: Error) => done({ ok: false, failure: onError(error) });
    const onClosed = () =>
      done({ ok: false, failure: onError(Object.assign(new Error("closed"), { code: "ECONNRESET" })) });
    const onAbort = () => done(refuse("CONNECT_FAILED", "The attempt was abandoned."));
    const timer = setTimeout(() => done({ ok: false, failure: onTimeout() }), timeoutMs);
    socket.on(ready, onReady);
    socket.on("error", onFailed);
    socket.on("close", onClosed);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
}

function dialTcp(address: EndpointAddress, options: DialOptions): Promise<Reply<Socket>> {
  const socket = connectTcp({
    host: address.host,
    port: address.port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    // Node's own 250 ms gives up on slow but good addresses (nodejs/node 54359).
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 2_500,
  });
  const timeoutMs = options.timeoutMs ?? defaultDialTimeoutMs;
  return settle({
    socket,
    ready: "connect",
    timeoutMs,
    signal: options.signal,
    onTimeout: () =>
      failure("CONNECT_TIMEOUT", `${formatHostPort(address)} did not answer within ${timeoutMs / 1000} s.`),
    onError: (error) => describeTcpError(error, address),
  });
}

function describeTcpError(error: Error, address: EndpointAddress): Failure {
  const where = formatHostPort(address);
  switch (errorCode(error)) {
    case "ECONNREFUSED":
      return failure("CONNECT_REFUSED", `${where} refused the connection.`);
    case "ENOTFOUND":
      return failure("NAME_NOT_FOUND", `The name ${address.host} is not known.`);
    case "EAI_AGAIN":
      return failure("NAME_LOOKUP_FAILED", `The name ${address.host} could not be looked up.`);
    case "ETIMEDOUT":
      return failure("CONNECT_TIMEOUT", `${where} did not answer.`);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENETDOWN":
    case "EADDRNOTAVAIL":
      return failure("HOST_UNREACHABLE", `${where} cannot be reached from this machine.`);
    case "ECONNRESET":
      return failure("CONNECT_RESET", `${where} broke the connection off at once.`);
    default:
      return failure("CONNECT_FAILED", `${where} could not be reached: ${errorText(error)}.`);
  }
}

/** `~/` at the beginning of a path is the user's home. */
export function expandHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

function readTlsFiles(tls: BackendTls): Reply<Pick<ConnectionOptions, "ca" | "cert" | "key">> {
  const files: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  for (const [key, path] of [
    ["ca", tls.caFile],
    ["cert", tls.clientCertFile],
    ["key", tls.clientKeyFile],
  ] as const) {
    if (path === undefined) continue;
    try {
      files[key] = readFileSync(expandHome(path));
    } catch (error) {
      return refuse(
        "TLS_FILE_UNREADABLE",
        `${path} could not be read (${errorCode(error) ?? "unreadable"}).`,
      );
    }
  }
  return accept(files);
}

async function secure(
  raw: Socket,
  address: EndpointAddress,
  tls: BackendTls,
  options: DialOptions,
): Promise<Reply<Socket>> {
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

function describeTlsError(error: Error, where: string, name: string): Failure {
  const code = errorCode(error) ?? "";
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return failure(
      "TLS_EXPIRED",
      `The certificate of ${where} ${code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet"}.`,
    );
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return failure("TLS_NAME_MISMATCH", `The certificate of ${where} is not for the name ${name}.`);
  if (/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED|INVALID_CA/.test(code)) {
    return failure(
      "TLS_UNKNOWN_CA",
      `The certificate of ${where} is signed by an authority that is not known here (${code}).`,
    );
  }
  return failure("TLS_FAILED", `TLS to ${where} failed: ${code === "" ? errorText(error) : code}.`);
}
