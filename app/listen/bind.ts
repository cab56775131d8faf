/** Binds servers to an address; a failure says who has the port and which one is free. */
import { createServer, type AddressInfo, type Server } from "node:net";
import type { Reply } from "../contract/commands.ts";
import type { Failure } from "../contract/failures.ts";
import { boundHosts, formatHostPort, type HostPort } from "../config/address.ts";
import { accept, errorCode, errorText, failure } from "../failures.ts";
import { findPortOwner } from "./port-owner.ts";

/** How many ports above the wanted one are tried when a free one is to be offered. */
const portsTried = 200;

export interface PortKnowledge {
  /** The route that Shunt itself has on an address, for a better answer than its own process id. */
  readonly ownRoute: (address: HostPort) => string | null;
}

/** What a bound address has: a server, with whatever its owner keeps beside it. */
interface Bindable {
  readonly server: Server;
}

/** What says that the machine has no such address, where another one is bound beside it: a machine without IPv6. */
const absentCodes: readonly (string | null)[] = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/**
 * Binds a server of `make` for every address that the host means, all of them or none, on one port number; an address that
 * the machine does not have is done without where there is another. Port 0: one that is free on all. Never rejects.
 */
export async function bindServers<Serving extends Bindable>(
  address: HostPort,
  make: () => Serving,
  knowledge: PortKnowledge,
): Promise<Reply<readonly Serving[]>> {
  for (let attempt = 1; ; attempt++) {
    const bound = await bindEach(address, make);
    if ("servings" in bound) return accept(bound.servings);
    // The system's choice on one address may be taken on the other.
    if (address.port !== 0 || attempt === portsTried || errorCode(bound.error) !== "EADDRINUSE")
      return { ok: false, failure: await explain(bound.error, bound.at, address, knowledge) };
  }
}

type Attempt<Serving> =
  { readonly servings: readonly Serving[] } | { readonly error: Error; readonly at: HostPort };

async function bindEach<Serving extends Bindable>(
  { host, port: wanted }: HostPort,
  make: () => Serving,
): Promise<Attempt<Serving>> {
  const hosts = boundHosts(host);
  const servings: Serving[] = [];
  let port = wanted;
  let absent: Attempt<Serving> | null = null;
  for (const one of hosts) {
    const serving = make();
    const error = await listenOnce(serving.server, { host: one, port });
    if (!error) {
      servings.push(serving);
      port = (serving.server.address() as AddressInfo).port;
      continue;
    }
    absent = { error, at: { host: one, port } };
    if (hosts.length > 1 && absentCodes.includes(errorCode(error))) continue;
    for (const { server } of servings) server.close();
    return absent;
  }
  return servings.length > 0 || absent === null ? { servings } : absent;
}

async function explain(
  error: Error,
  at: HostPort,
  wanted: HostPort,
  knowledge: PortKnowledge,
): Promise<Failure> {
  const where = formatHostPort(at);
  const offer = async (port: number) => {
    const freeListen = await nextFreeListen({ ...wanted, port });
    return freeListen === null ? {} : { freeListen };
  };
  switch (errorCode(error)) {
    case "EADDRINUSE": {
      const owner = await describeOwner(at, knowledge);
      return failure("PORT_IN_USE", `${where} is used by ${owner ?? "another program"}.`, {
        ...(owner !== null && { owner }),
        ...(await offer(wanted.port + 1)),
      });
    }
    case "EACCES":
      return failure(
        "PORT_FORBIDDEN",
        `This user may not listen on ${where}.`,
        await offer(wanted.port < 1024 ? wanted.port + 8000 : wanted.port + 1),
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return failure("ADDRESS_NOT_LOCAL", notLocal(at.host));
    default:
      return failure("LISTEN_FAILED", `${where} could not be listened on: ${errorText(error)}.`);
  }
}

/** macOS has 127.0.0.1 alone until others are added; everywhere else all of 127.0.0.0/8 is there. */
export function notLocal(host: string, platform: NodeJS.Platform = process.platform): string {
  const addable = platform === "darwin" && host.startsWith("127.");
  return `${host} is not an address of this machine${addable ? `; sudo ifconfig lo0 alias ${host} adds it` : ""}.`;
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
    const at = { host: address.host, port };
    const probed = await bindEach(at, () => ({ server: createServer() }));
    if ("servings" in probed) {
      await Promise.all(probed.servings.map(({ server }) => new Promise((resolve) => server.close(resolve))));
      return formatHostPort(at);
    }
    const code = errorCode(probed.error);
    if (code !== "EADDRINUSE" && code !== "EACCES") return null;
  }
  return null;
}
