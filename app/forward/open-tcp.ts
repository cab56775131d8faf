/** Opens a TCP connection to an address. A failure is a value that names the hop. */
import { Socket } from "node:net";
import type { Reply } from "../contract/commands.ts";
import type { Failure } from "../contract/failures.ts";
import { formatHostPort, type HostPort } from "../config/address.ts";
import { errorCode, errorText, failure } from "../failures.ts";
import type { BackendSocket } from "./backend-socket.ts";
import type { GoneSignal } from "./departure.ts";
import { DirectSocket } from "./direct-socket.ts";
import { keepAliveLater } from "./keep-alive.ts";
import { lookupName, lookupTimedOut } from "./name-lookup.ts";
import { settle } from "./settle.ts";

export interface DialOptions {
  /** For TCP and for TLS each: default 10,000. */
  readonly timeoutMs?: number;
  /** Abandons the attempt; the promise then resolves with CONNECT_FAILED. */
  readonly signal?: GoneSignal;
  /** It is asked again and again: worth a socket that costs more to make, and less to read (direct-socket.ts). */
  readonly isAskedOften?: boolean;
}

export const defaultDialTimeoutMs = 10_000;
/** For each but the last of a name's addresses. */
export const attemptTimeoutMs = 2_500;

/** Opens a TCP connection to any address, through the tunnel of that id where one is given. Never rejects. */
export type OpenTcp = (
  address: HostPort,
  via: string | undefined,
  options?: DialOptions,
) => Promise<Reply<BackendSocket>>;

/** Opens a TCP connection from this machine: half-open allowed, no delay, kept alive. Never rejects. */
export function openSocket(address: HostPort, options: DialOptions): Promise<Reply<Socket>> {
  // Node copies a socket's options, and that takes several times as long as the rest of it.
  const socket = options.isAskedOften ? new DirectSocket({}) : new Socket();
  socket.allowHalfOpen = true;
  socket.setNoDelay(true);
  keepAliveLater(socket);
  socket.connect({
    host: address.host,
    port: address.port,
    lookup: lookupName,
    // Node's own 250 ms gives up on slow but good addresses (nodejs/node 54359).
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
  });
  const timeoutMs = options.timeoutMs ?? defaultDialTimeoutMs;
  return settle({
    socket,
    ready: "connect",
    timeoutMs,
    signal: options.signal,
    onTimeout: () => describeTimeout(address, timeoutMs),
    onError: (error) => describeTcpError(error, address),
  });
}

export function describeTimeout(address: HostPort, timeoutMs: number): Failure {
  return failure(
    "CONNECT_TIMEOUT",
    `${formatHostPort(address)} did not answer within ${timeoutMs / 1000} s.`,
  );
}

/** Also of a name that was not looked up. */
export function describeTcpError(error: unknown, address: HostPort): Failure {
  const where = formatHostPort(address);
  const code = errorCode(error);
  // EAI_AGAIN, EAI_FAIL and their like: of getaddrinfo(3).
  if (code?.startsWith("EAI_"))
    return failure("NAME_LOOKUP_FAILED", `The name ${address.host} could not be looked up.`);
  switch (code) {
    case "ECONNREFUSED":
      return failure("CONNECT_REFUSED", `${where} refused the connection.`);
    case "ENOTFOUND":
      return failure("NAME_NOT_FOUND", `The name ${address.host} is not known.`);
    case lookupTimedOut:
      return failure("NAME_LOOKUP_FAILED", `The name ${address.host} was not looked up in time.`);
    case "ETIMEDOUT":
      return failure("CONNECT_TIMEOUT", `${where} did not answer.`);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENETDOWN":
    case "EADDRNOTAVAIL":
      return failure("HOST_UNREACHABLE", `${where} cannot be reached from this machine.`);
    case "EMFILE":
      return failure("OUT_OF_DESCRIPTORS", `No socket for ${where}: Shunt has no file descriptor left.`);
    case "ENFILE":
      return failure("OUT_OF_DESCRIPTORS", `No socket for ${where}: the system has no file descriptor left.`);
    case "ECONNRESET":
      return failure("CONNECT_RESET", `${where} broke the connection off at once.`);
    default:
      return failure("CONNECT_FAILED", `${where} could not be reached: ${errorText(error)}.`);
  }
}
