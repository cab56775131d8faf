/** Makes failures: one sentence on what failed at which hop, one on what to do. */
import type { Failure, FailureCode, Hop } from "./contract/failures.ts";
import type { Reply } from "./contract/commands.ts";

const advice: Readonly<Record<FailureCode, readonly [hop: Hop, advice: string]>> = {
  PORT_IN_USE: ["listener", "Stop the program that has the port, or choose another port for the route."],
  PORT_FORBIDDEN: ["listener", "Ports below 1024 need administrator rights; choose a port from 1024 up."],
  ADDRESS_NOT_LOCAL: ["listener", "Listen on an address of this machine, such as 127.0.0.1."],
  LISTEN_FAILED: ["listener", "Choose another address for the route, or try again."],
  LISTENER_TLS_FAILED: [
    "listener",
    "Check the route's certFile and keyFile: both PEM, belonging together, readable.",
  ],
  BAD_REQUEST: [
    "client",
    "Check the address the client was given; a target that can be read in two ways is refused.",
  ],
  UNKNOWN_PATH: ["client", "Check the path in the client's address against the routes on this listener."],
  FOREIGN_HOST: ["client", "If clients may use this name, add it to the route's hosts."],
  FOREIGN_ORIGIN: ["client", "If pages of this origin may use the route, add it to the route's origins."],
  READ_ONLY: ["route", "Set adminAccess to full on the backend to allow administrative actions."],
  UNKNOWN_TARGET: [
    "client",
    "If this is an AMPS instance, add a backend for it; everything else is kept out of a Galvanometer.",
  ],
  HTTP_ON_RAW_PORT: ["client", "This port speaks AMPS, not HTTP; use the admin or a path route for HTTP."],
  NOT_A_WEBSOCKET: [
    "client",
    "This port takes WebSocket clients (ws://…); use the amps route for TCP clients.",
  ],
  REQUEST_TOO_LARGE: ["client", "Send fewer or shorter header lines: at most 100 lines and 16 KB."],
  REQUEST_TIMEOUT: ["client", "The client opened a connection and did not finish its request."],
  NO_CLIENT_NAME: [
    "client",
    "Give the client a name and let it log on in clear text, or over TLS that the route itself ends (tls); or take sticky off the route.",
  ],
  NOT_TLS: [
    "client",
    "This port takes clients that speak TLS: its routes are told apart by the server name.",
  ],
  UNKNOWN_SERVER_NAME: [
    "client",
    "Add the name to the serverNames of a route there; one route may have none, and takes what no name matches.",
  ],
  TOO_MANY_CONNECTIONS: ["listener", "Raise the file descriptor limit (ulimit -n) or close connections."],
  ENDPOINT_MISSING: ["route", "Add the endpoint to the backend, or use a route of another kind."],
  BACKEND_DRAINED: ["route", "Set drained to false on the backend to let new connections through."],
  NO_MEMBER_UP: ["route", "Look at the backends of the pool: none of them takes connections."],
  ROUTE_HELD: [
    "route",
    "Bring the active member back, or promote another one knowingly: nothing shows that it has everything that was acknowledged.",
  ],
  CONDITIONS_DOWN: ["route", "End the route's conditions, or wait until they end by themselves."],
  CONDITIONS_REFUSED: ["route", "Try conditions on a route to a development or test backend."],
  TUNNEL_UNREACHABLE: [
    "tunnel",
    "Check the tunnel's address, that the server there runs, and the network or VPN on the way.",
  ],
  TUNNEL_TIMEOUT: [
    "tunnel",
    "The server accepted the connection and stayed silent; check that it is the right port and kind of tunnel.",
  ],
  TUNNEL_ANSWER_INVALID: ["tunnel", "Check the tunnel's type and port: something else answers there."],
  TUNNEL_SECRET_MISSING: ["tunnel", "Give the tunnel's password when asked, or set it in the environment."],
  TUNNEL_WAITS_FOR_ANSWER: ["tunnel", "Answer the question that Shunt asks in a window of its own."],
  TUNNEL_STOPPED: ["tunnel", "Try the tunnel again on the Tunnels screen when it is wanted."],
  TUNNEL_AUTH_FAILED: [
    "tunnel",
    "Check the tunnel's user and password or key, and that the account may log on.",
  ],
  TUNNEL_REFUSED: ["tunnel", "Ask whoever runs the tunnel's server to allow this address and port."],
  TUNNEL_LOST: [
    "tunnel",
    "Shunt connects again by itself; if it goes on, look at the server's log and the network in between.",
  ],
  HOST_KEY_UNKNOWN: [
    "tunnel",
    "Compare the fingerprint with the server's own, then add the key to known_hosts or name a file with it in knownHosts.",
  ],
  HOST_KEY_CHANGED: [
    "tunnel",
    "Ask whoever runs the server whether its key was replaced; only then take the old line out of known_hosts.",
  ],
  HOST_KEY_REVOKED: ["tunnel", "Do not connect: ask whoever runs the server for its present key."],
  KNOWN_HOSTS_UNREADABLE: ["tunnel", "Check the path in knownHosts and that the file can be read."],
  NAME_NOT_FOUND: [
    "name",
    "Check the spelling of the host name, and whether this machine's name servers know it.",
  ],
  NAME_LOOKUP_FAILED: ["name", "The name server did not answer; check the network or the VPN."],
  CONNECT_REFUSED: ["tcp", "Check the port, and that the AMPS instance runs and the transport is enabled."],
  CONNECT_TIMEOUT: ["tcp", "Check the address, the network or VPN, and firewalls in between."],
  HOST_UNREACHABLE: ["tcp", "Check the network or VPN: there is no way to this host from here."],
  CONNECT_RESET: [
    "tcp",
    "The other side broke the connection off; check that this is the right port and protocol.",
  ],
  CONNECT_FAILED: ["tcp", "Check the backend's address and the network."],
  OUT_OF_DESCRIPTORS: ["shunt", "Raise the file descriptor limit (ulimit -n) or close connections."],
  TLS_EXPIRED: ["tls", "Renew the backend's certificate, or correct this machine's clock."],
  TLS_UNKNOWN_CA: ["tls", "Name the certificate authority's file in tls.caFile of the backend."],
  TLS_NAME_MISMATCH: ["tls", "Set tls.serverName of the backend to a name in its certificate."],
  TLS_CLIENT_REFUSED: [
    "tls",
    "Give the backend tls.clientCertFile and tls.clientKeyFile that the server accepts, or pass TLS through on the route.",
  ],
  TLS_FILE_UNREADABLE: ["tls", "Check the path of the file and that it can be read."],
  TLS_FAILED: ["tls", "Check that this port speaks TLS, and its protocol versions."],
  BACKEND_ANSWER_INVALID: [
    "backend",
    "Check that the endpoint has the right port: it did not answer as its kind should.",
  ],
  BACKEND_TIMEOUT: [
    "backend",
    "The backend accepted the connection and did not answer; look at its load and log.",
  ],
  BACKEND_RESET: ["backend", "The backend broke the connection off; its log says why."],
  CONFIG_INVALID: ["config", "Correct what is listed; nothing was changed."],
  CONFIG_CONFLICT: ["config", "Look at the newer configuration and make the change again."],
  CONFIG_UNREADABLE: ["config", "Check the file's path and permissions."],
  CONFIG_NOT_SAVED: [
    "config",
    "Free some space or check permissions; the old configuration is still in place.",
  ],
  IMPORT_UNREADABLE: ["config", "Check that the file is whole and of the kind that was chosen."],
  EXPORT_NOT_SAVED: ["shunt", "Choose another place, or free some space, and save it again."],
  EXPORT_STOPPED: ["shunt", "Ask for it again when it is wanted."],
  CONFIG_IN_USE: ["config", "End the other Shunt, or give this one a configuration of its own."],
  UPDATE_NOT_HTTPS: [
    "shunt",
    "Ask whoever runs the update feed to serve it, and what it redirects to, over https.",
  ],
  UPDATE_UNREACHABLE: [
    "shunt",
    "Check the network or VPN and try again; the feed is asked directly, through no proxy or tunnel.",
  ],
  UPDATE_SERVER_UNTRUSTED: [
    "shunt",
    "Ask whoever runs the update feed for its certificate; a private authority's belongs into the build.",
  ],
  UPDATE_TOO_LARGE: ["shunt", "Ask whoever runs the update feed what lies at its address."],
  UPDATE_CUT_SHORT: ["shunt", "Try again; if it goes on, look at the network and at the feed's server."],
  UPDATE_UNSIGNED: [
    "shunt",
    "Install nothing from there before whoever builds Shunt has looked at the feed.",
  ],
  UPDATE_SIGNATURE_WRONG: [
    "shunt",
    "Install nothing from there before whoever builds Shunt has looked at the feed.",
  ],
  UPDATE_MANIFEST_INVALID: [
    "shunt",
    "Get the new version the way this one came: the feed may be for later versions only.",
  ],
  UPDATE_OTHER_CHANNEL: ["shunt", "Tell whoever runs the update feed: it answers with another channel's."],
  UPDATE_OLDER: [
    "shunt",
    "Stay with this version, or tell whoever runs the update feed: it may be held back.",
  ],
  UPDATE_NO_PACKAGE: ["shunt", "Ask whoever builds Shunt for a package for this machine."],
  UPDATE_SIZE_WRONG: [
    "shunt",
    "Nothing was kept. Tell whoever runs the update feed: its package is not the one that was signed.",
  ],
  UPDATE_HASH_WRONG: [
    "shunt",
    "Nothing was kept. Tell whoever runs the update feed: its package is not the one that was signed.",
  ],
  UPDATE_NOT_SAVED: ["shunt", "Free some space or check the folder of downloads, and try again."],
  UNKNOWN_COMMAND: ["shunt", "Use a command of the contract."],
  BAD_ARGUMENT: ["shunt", "Send the argument in the shape that the contract gives."],
  NOT_FOUND: ["shunt", "It may have ended meanwhile; look again."],
  SANDBOX_FAILED: ["shunt", "Look at the activity for the reason and try again."],
  NOT_POSSIBLE_HERE: ["shunt", "Use the desktop app for this."],
  INTERNAL: ["shunt", "This is a defect in Shunt: please report it with the activity."],
};

type Extras = Partial<Pick<Failure, "owner" | "freeListen" | "problems" | "hop" | "advice" | "hostKey">>;

/** A failure with its code's hop and advice. `message` is one sentence and must hold no secret. */
export function failure(code: FailureCode, message: string, extras: Extras = {}): Failure {
  const [hop, what] = advice[code];
  return { code, hop, message, advice: what, ...extras };
}

export function refuse<T>(code: FailureCode, message: string, extras: Extras = {}): Reply<T> {
  return { ok: false, failure: failure(code, message, extras) };
}

export function accept<T>(value: T): Reply<T> {
  return { ok: true, value };
}

/** Nothing was asked of anybody: a failure that says nothing of the backend, nor of what is on the way to it. */
export function isOwnShortage({ code }: Failure): boolean {
  return code === "OUT_OF_DESCRIPTORS";
}

/** The system's error code of an unknown error (`ECONNREFUSED`), or null. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** What an unknown error says, for an operator. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Closes a switch: a case that was forgotten does not compile. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected case: ${JSON.stringify(value)}`);
}
