/**
 * Expected failures are values. Every code has one sentence for the operator (`app/failures.ts`): what failed, at
 * which hop, what to do. Failures cross threads, IPC and HTTP as plain data.
 */
import type { HostKeyFacts } from "./questions.ts";

/** The hop that failed, in the order in which a connection meets them. */
export type Hop =
  "listener" | "client" | "route" | "tunnel" | "name" | "tcp" | "tls" | "backend" | "config" | "shunt";

export type FailureCode =
  // listener
  | "PORT_IN_USE"
  | "PORT_FORBIDDEN"
  | "ADDRESS_NOT_LOCAL"
  | "LISTEN_FAILED"
  | "LISTENER_TLS_FAILED"
  // client: what arrived was refused before any byte of it went further
  | "BAD_REQUEST"
  | "UNKNOWN_PATH"
  | "FOREIGN_HOST"
  | "FOREIGN_ORIGIN"
  | "READ_ONLY"
  | "UNKNOWN_TARGET"
  | "HTTP_ON_RAW_PORT"
  | "NOT_A_WEBSOCKET"
  | "REQUEST_TOO_LARGE"
  | "REQUEST_TIMEOUT"
  | "NO_CLIENT_NAME"
  | "NOT_TLS"
  | "UNKNOWN_SERVER_NAME"
  | "TOO_MANY_CONNECTIONS"
  // route: nobody to send it to
  | "ENDPOINT_MISSING"
  | "BACKEND_DRAINED"
  | "NO_MEMBER_UP"
  | "ROUTE_HELD"
  | "CONDITIONS_DOWN"
  | "CONDITIONS_REFUSED"
  // dialling
  | "TUNNEL_UNREACHABLE"
  | "TUNNEL_TIMEOUT"
  | "TUNNEL_ANSWER_INVALID"
  | "TUNNEL_SECRET_MISSING"
  | "TUNNEL_WAITS_FOR_ANSWER"
  | "TUNNEL_STOPPED"
  | "TUNNEL_AUTH_FAILED"
  | "TUNNEL_REFUSED"
  | "TUNNEL_LOST"
  | "HOST_KEY_UNKNOWN"
  | "HOST_KEY_CHANGED"
  | "HOST_KEY_REVOKED"
  | "KNOWN_HOSTS_UNREADABLE"
  | "NAME_NOT_FOUND"
  | "NAME_LOOKUP_FAILED"
  | "CONNECT_REFUSED"
  | "CONNECT_TIMEOUT"
  | "HOST_UNREACHABLE"
  | "CONNECT_RESET"
  | "CONNECT_FAILED"
  | "OUT_OF_DESCRIPTORS"
  | "TLS_EXPIRED"
  | "TLS_UNKNOWN_CA"
  | "TLS_NAME_MISMATCH"
  | "TLS_CLIENT_REFUSED"
  | "TLS_FILE_UNREADABLE"
  | "TLS_FAILED"
  // what the backend answered
  | "BACKEND_ANSWER_INVALID"
  | "BACKEND_TIMEOUT"
  | "BACKEND_RESET"
  // commands and configuration
  | "CONFIG_INVALID"
  | "CONFIG_CONFLICT"
  | "CONFIG_UNREADABLE"
  | "CONFIG_NOT_SAVED"
  | "IMPORT_UNREADABLE"
  | "EXPORT_NOT_SAVED"
  | "EXPORT_STOPPED"
  | "CONFIG_IN_USE"
  // new versions of Shunt
  | "UPDATE_NOT_HTTPS"
  | "UPDATE_UNREACHABLE"
  | "UPDATE_SERVER_UNTRUSTED"
  | "UPDATE_TOO_LARGE"
  | "UPDATE_CUT_SHORT"
  | "UPDATE_UNSIGNED"
  | "UPDATE_SIGNATURE_WRONG"
  | "UPDATE_MANIFEST_INVALID"
  | "UPDATE_OTHER_CHANNEL"
  | "UPDATE_OLDER"
  | "UPDATE_NO_PACKAGE"
  | "UPDATE_SIZE_WRONG"
  | "UPDATE_HASH_WRONG"
  | "UPDATE_NOT_SAVED"
  // any command
  | "UNKNOWN_COMMAND"
  | "BAD_ARGUMENT"
  | "NOT_FOUND"
  | "SANDBOX_FAILED"
  | "NOT_POSSIBLE_HERE"
  | "INTERNAL";

export interface Failure {
  readonly code: FailureCode;
  readonly hop: Hop;
  /** What failed, in one sentence, ready to show. Never holds a secret. */
  readonly message: string;
  /** What to do about it, in one sentence. */
  readonly advice: string;
  /** PORT_IN_USE: who has the port (`java (pid 4711)`, `route "p1"`), where the system tells. */
  readonly owner?: string;
  /** PORT_IN_USE and PORT_FORBIDDEN: the next address that is free, as `host:port`. */
  readonly freeListen?: string;
  /** HOST_KEY_…: the key that was shown beside those that are known. */
  readonly hostKey?: HostKeyFacts;
  /** CONFIG_INVALID: every problem found. */
  readonly problems?: readonly { readonly path: string; readonly message: string }[];
}
