/** Binds a server to its address; a failure says who has the port and which one is free. */
import { createServer, type Server } from "node:net";
import type { Reply } from "../contract/commands.ts";
import { formatHostPort, type HostPort } from "../config/address.ts";
import { accept, errorCode, errorText, failure } from "../failures.ts";
import { findPortOwner } from "./port-owner.ts";

/** How many ports above the wanted one are tried when a free one is to be offered. */
const portsTried = 200;

export interface PortKnowledge {
  /** The route that Shunt itself has on an address, for a better answer than its own process id. */
  readonly ownRoute: (address: HostPort) => string | null;
}

/** Binds once. Never rejects. */
export async function bindServer(
  server: Server,
  address: HostPort,
  knowledge: PortKnowledge,
): Promise<Reply<null>> {
  const error = await listenOnce(server, address);
  if (!error) return accept(null);
  const where = formatHostPort(address);
  switch (errorCode(error)) {
    case "EADDRINUSE": {
      const owner = await describeOwner(address, knowledge);
      const freeListen = await nextFreeListen({ ...address, port: address.port + 1 });
      const by = owner === null ? "another program" : owner;
      return {
        ok: false,
        failure: failure("PORT_IN_USE", `${where} is used by ${by}.`, {
          ...(owner !== null && { owner }),
          ...(freeListen !== null && { freeListen }),
        }),
      };
    }
    case "EACCES": {
      const freeListen = await nextFreeListen({
        ...address,
        port: address.port < 1024 ? address.port + 8000 : address.port + 1,
      });
      return {
        ok: false,
        failure: failure(
          "PORT_FORBIDDEN",
          `This user may not listen on ${where}.`,
          freeListen === null ? {} : { freeListen },
        ),
      };
    }
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return {
        ok: false,
        failure: failure("ADDRESS_NOT_LOCAL", `${address.host} is not an address of this machine.`),
      };
    default:
      return {
        ok: false,
        failure: failure("LISTEN_FAILED", `${where} could not be listened on: ${errorText(error)}.`),
      };
  }
}

export async function describeOwner(address: HostPort, knowledge: PortKnowledge): Promise<string | null> {
  const own = knowledge.ownRoute(address);
  return own === null ? findPortOwner(address) : `route "${own}"`;
}

function listenOnce(server: Server, { host, port }: HostPort): Promise<Error | null> {
  return new Promise((resolve) => {
    const onError = (error: Error) => {
      server.off("listening", onListening);
      resolve(error);
    };
    const onListening = () => {
      server.off("error", onError);
      resolve(null);
    };
    server.once("error", onError);
    server.once("listening", onListening);
    server.listen({ host, port, exclusive: true });
  });
}

/** The first address from `address` up that can be bound right now, as `host:port`; null if there is none near. */
export async function nextFreeListen(address: HostPort): Promise<string | null> {
  for (let port = address.port; port < address.port + portsTried && port <= 65535; port++) {
    const probe = createServer();
    const error = await listenOnce(probe, { host: address.host, port });
    if (!error) {
      await new Promise((resolve) => probe.close(resolve));
      return formatHostPort({ host: address.host, port });
    }
    if (errorCode(error) !== "EADDRINUSE" && errorCode(error) !== "EACCES") return null;
  }
  return null;
}
