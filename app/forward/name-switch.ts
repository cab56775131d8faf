/**
 * Several routes that pass TLS through at one address: the server name in a client's ClientHello says whose it is.
 *
 *     accept → ClientHello ┬ a route has the name: it carries the client on, every byte first (port-route.ts)
 *                          ├ none has: a TLS alert that clients understand
 *                          └ no ClientHello: a reset
 */
import type { Socket } from "node:net";
import type { RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { formatHostPort } from "../config/address.ts";
import { failure } from "../failures.ts";
import { sayLast } from "../http/answers.ts";
import type { ListenerNames } from "../http/origin-guard.ts";
import { headTimeoutMs } from "../http/request-head.ts";
import { longestHelloBytes, lookAtHello, type HelloLook } from "./client-hello.ts";
import { classifyFirstBytes } from "./first-bytes.ts";
import { refuseClient, type Forwarding } from "./forwarding.ts";
import { carryPortClient } from "./port-route.ts";
import { readUntil } from "./read-until.ts";
import { resetSocket } from "./reset.ts";
import { createServerNameTable, type NameOwner, type ServerNameTable } from "./server-name-table.ts";

/** The routes of one address, as they are now. */
export interface NamedRoutes {
  readonly routes: readonly RouteConfig[];
  /** Stopped ones, whose names are refused. */
  readonly shut: readonly RouteConfig[];
  readonly names: ListenerNames;
}

interface NameSwitch {
  /** For clients whose name is read from now on; null: there are no routes any more. */
  update(next: NamedRoutes | null): void;
  take(client: Socket): void;
}

/** Fatal, unrecognized_name (RFC 6066 3), in a record of TLS 1.2, as every version since writes it. */
const unrecognizedName = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

const longestShownName = 100;

/** `timeoutMs`: how long a client may take to send its ClientHello. */
export function createNameSwitch(forwarding: Forwarding, timeoutMs: number = headTimeoutMs): NameSwitch {
  let current: NamedRoutes | null = null;
  let table: ServerNameTable = createServerNameTable([], []);
  const waiting = new Set<Socket>();

  /** Refusals that no route owns are counted for the first one, so that they are seen. */
  const refuse = (reason: Failure, owner: RouteConfig | undefined): void => {
    const route = owner ?? current?.routes[0];
    if (route) refuseClient(forwarding, route.id, reason);
  };
  const turnAway = (
    client: Socket,
    name: string | null,
    owner: NameOwner | null,
    at: ListenerNames,
  ): void => {
    refuse(nobody(name, owner, at), owner?.route);
    sayLast(client, unrecognizedName);
  };
  const decide = (client: Socket, { bytes, look }: Hello): void => {
    if (!current) return resetSocket(client);
    const { names } = current;
    if (typeof look === "string") {
      refuse(noHello(look, bytes, timeoutMs), undefined);
      return resetSocket(client);
    }
    const owner = table.find(look.serverName);
    if (!owner || owner.isShut) return turnAway(client, look.serverName, owner, names);
    void carryPortClient(client, { route: owner.route, names, forwarding }, bytes);
  };
  return {
    update(next) {
      current = next;
      table = createServerNameTable(next?.routes ?? [], next?.shut ?? []);
      if (!next) for (const client of waiting) resetSocket(client);
    },
    take(client) {
      waiting.add(client);
      client.once("close", () => waiting.delete(client));
      void readHello(client, timeoutMs).then((hello) => {
        waiting.delete(client);
        if (hello === "closed") client.destroy();
        else decide(client, hello);
      });
    },
  };
}

interface Hello {
  /** Everything read so far. */
  readonly bytes: Buffer;
  readonly look: HelloLook | "timeout";
}

async function readHello(client: Socket, timeoutMs: number): Promise<Hello | "closed"> {
  let bytes: Buffer = Buffer.alloc(0);
  const look = (chunk: Buffer): Hello | null => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const seen = lookAtHello(bytes);
    return seen === "unfinished" ? null : { bytes, look: seen };
  };
  const hello = await readUntil(client, { look, timeoutMs });
  return hello === "timeout" ? { bytes, look: "timeout" } : hello;
}

/** A name may be any bytes, and as long as a record. */
function quote(name: string): string {
  const plain = name.replace(/[^\x21-\x7e]|["\\]/g, (char) => `\\x${hex(char)}`);
  return plain.length > longestShownName ? `"${plain.slice(0, longestShownName)}…"` : `"${plain}"`;
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(2, "0");
}

function nobody(name: string | null, owner: NameOwner | null, { address }: ListenerNames): Failure {
  const at = formatHostPort(address);
  if (name === null)
    return failure("UNKNOWN_SERVER_NAME", `A TLS client that names no server came to ${at}.`);
  return owner
    ? failure("UNKNOWN_SERVER_NAME", `A TLS client asked ${at} for ${quote(name)}, which is stopped.`, {
        advice: `Start route ${owner.route.id} to let its clients in.`,
      })
    : failure("UNKNOWN_SERVER_NAME", `A TLS client asked ${at} for ${quote(name)}.`);
}

function noHello(look: Exclude<HelloLook, object> | "timeout", bytes: Buffer, timeoutMs: number): Failure {
  if (look === "timeout")
    return failure("REQUEST_TIMEOUT", `No TLS ClientHello arrived within ${timeoutMs / 1000} s.`);
  if (look === "too-large")
    return failure("NOT_TLS", `A TLS ClientHello was longer than ${longestHelloBytes / 1024} KB.`);
  const spoken = { http: "HTTP", amps: "AMPS without TLS", tls: null, other: null }[
    classifyFirstBytes(bytes)
  ];
  return failure("NOT_TLS", `What arrived is ${spoken ?? "no TLS ClientHello that can be read"}.`);
}
