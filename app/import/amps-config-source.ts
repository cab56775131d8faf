/**
 * From an AMPS configuration: each Transport, Admin and replication Destination becomes an endpoint of a backend, with
 * routes to it. Of each only name, type, address and TLS are read, so that no credential can come along. Pure.
 */
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import type { NotUnderstood } from "../contract/import.ts";
import type { HostPort } from "../config/address.ts";
import { accept } from "../failures.ts";
import { hasVariable, listeningAddress, remoteAddress, type AmpsPlace } from "./amps-address.ts";
import { endpointUrl, speaksTls, transportFacts } from "./amps-transport.ts";
import { childrenOf, hasElement, parseAmpsXml, textOf, textsOf, type Element } from "./amps-xml.ts";
import { freeId, idOf } from "./ids.ts";
import { nothing, type FoundBackend, type FoundRoute, type ImportSource } from "./import-source.ts";

export interface AmpsConfigOptions extends Pick<AmpsPlace, "host"> {
  /** The tunnel that leads to the instance, and to those that it replicates to. */
  readonly via: string | null;
  /** The backend that the configuration was read from. */
  readonly is?: string;
}

/** Where path routes listen unless others do elsewhere already. */
const pathListen = "127.0.0.1:8080";

export const ampsConfigSource: ImportSource<AmpsConfigOptions> = (text, options) => {
  const config = parseAmpsXml(text);
  if (!config.ok) return config;
  const reading = new Reading(config.value, options);
  reading.tellLeftOut(text);
  reading.readInstance();
  reading.readDestinations();
  const { backends, routes, notUnderstood } = reading;
  return accept({ additions: { ...nothing, backends, routes }, notUnderstood });
};

interface Endpoint {
  readonly name: string;
  readonly kind: EndpointKind;
  readonly address: HostPort;
  readonly secure: boolean;
  readonly enabled: boolean;
  readonly asksClient: boolean;
  readonly notes: readonly string[];
}

class Reading {
  readonly backends: FoundBackend[] = [];
  readonly routes: FoundRoute[] = [];
  readonly notUnderstood: NotUnderstood[] = [];
  readonly #config: Element;
  readonly #options: AmpsConfigOptions;
  readonly #place: AmpsPlace;
  readonly #ids = new Set<string>();

  constructor(config: Element, options: AmpsConfigOptions) {
    this.#config = config;
    this.#options = options;
    this.#place = { host: options.host, tunneled: options.via !== null };
  }

  #skip(where: string, what: string): void {
    this.notUnderstood.push({ where, what });
  }

  tellLeftOut(text: string): void {
    if (hasElement(this.#config, /^include$/i))
      this.#skip(
        "Include",
        "Files that it includes were not read; a running instance shows them in place: read it from a backend.",
      );
    if (/<!DOCTYPE/i.test(text)) this.#skip("DOCTYPE", "Entities that it declares were not put in.");
  }

  readInstance(): void {
    const name = textOf(this.#config, "Name");
    const isPlain = name !== undefined && !hasVariable(name) && name.length <= 255;
    if (!isPlain)
      this.#skip("Name", name === undefined ? "The instance has none." : "Its value is not known here.");
    const id = freeId(idOf(isPlain ? name : (this.#options.host ?? ""), "amps"), this.#ids);
    const endpoints = [...this.#transports(), ...this.#admin()];
    // What is listening comes before what is not.
    const ordered = [
      ...endpoints.filter(({ enabled }) => enabled),
      ...endpoints.filter(({ enabled }) => !enabled),
    ];
    const main = ordered.filter((one, at) => ordered.findIndex(({ kind }) => kind === one.kind) === at);
    if (main.length > 0) this.#mainBackend(id, isPlain ? name : undefined, main);
    for (const one of ordered) if (!main.includes(one)) this.#furtherBackend(id, one);
  }

  #transports(): readonly Endpoint[] {
    const transports = childrenOf(childrenOf(this.#config, "Transports")[0], "Transport");
    return transports.flatMap((transport, index) => {
      const name = safeName(textOf(transport, "Name"), `number ${index + 1}`);
      const facts = transportFacts(transport, this.#config);
      if (typeof facts === "string") return this.#no(`Transport ${name}`, facts);
      const found = listeningAddress(textOf(transport, "InetAddr"), this.#place);
      if (found.is === "unusable") return this.#no(`Transport ${name}`, found.why);
      const notes = [
        facts.note,
        found.note,
        facts.enabled ? null : "AMPS starts with it disabled.",
        facts.asksClient ? "It asks for a client certificate, so TLS is passed through untouched." : null,
      ].filter((one) => one !== null);
      return [
        {
          ...facts,
          name: `Transport ${name}`,
          address: found.address,
          enabled: facts.enabled && !found.note,
          notes,
        },
      ];
    });
  }

  #admin(): readonly Endpoint[] {
    return childrenOf(this.#config, "Admin").flatMap((admin) => {
      const found = listeningAddress(textOf(admin, "InetAddr"), this.#place);
      if (found.is === "unusable") return this.#no("Admin", found.why);
      const { address, note } = found;
      return [
        {
          name: "Admin",
          kind: "admin" as const,
          address,
          secure: speaksTls(admin),
          enabled: note === null,
          asksClient: false,
          notes: note === null ? [] : [note],
        },
      ];
    });
  }

  #no(where: string, what: string): readonly [] {
    this.#skip(where, `It ${what}.`);
    return [];
  }

  #mainBackend(id: string, name: string | undefined, endpoints: readonly Endpoint[]): void {
    const { via, is } = this.#options;
    const urls = endpoints.map(
      ({ kind, secure, address }) => [kind, endpointUrl(kind, secure, address)] as const,
    );
    const row: BackendConfig = {
      id,
      ...(via !== null && { via }),
      ...(Object.fromEntries(urls) as Partial<Record<EndpointKind, string>>),
      ...(name !== undefined && { instanceName: name }),
    };
    this.backends.push({
      row,
      origin: endpoints.map((one) => one.name).join(", "),
      ...(is !== undefined && { is }),
      suggested: endpoints.some(({ enabled }) => enabled),
      note: noteOf(endpoints.flatMap(({ notes }) => notes)),
    });
    const onPath = endpoints.filter(({ kind }) => kind === "admin" || kind === "websocket");
    if (onPath.length > 0) {
      this.routes.push({
        row: { id, listen: pathListen, path: `/${id}`, target: id },
        origin: onPath.map((one) => one.name).join(", "),
        anyListen: true,
        suggested: onPath.some(({ enabled, asksClient }) => enabled && !asksClient),
      });
    }
    for (const one of endpoints) this.#portRoute(id, one, `${id}-${one.kind}`, one.kind === "amps");
  }

  /** A backend has one endpoint of each kind: a second transport of a kind is a backend beside it. */
  #furtherBackend(main: string, endpoint: Endpoint): void {
    const { via } = this.#options;
    const { kind, secure, address, name, enabled, notes } = endpoint;
    const id = freeId(idOf(`${main}-${name.replace(/^Transport /, "")}`, main), this.#ids);
    this.backends.push({
      row: { id, ...(via !== null && { via }), [kind]: endpointUrl(kind, secure, address) },
      origin: name,
      suggested: enabled,
      note: noteOf(notes),
    });
    this.#portRoute(id, endpoint, id, true);
  }

  #portRoute(target: string, endpoint: Endpoint, id: string, suggested: boolean): void {
    const { kind, address, secure, asksClient, enabled, name, notes } = endpoint;
    this.routes.push({
      row: {
        id,
        listen: `127.0.0.1:${address.port}`,
        transport: kind,
        target,
        ...(secure && asksClient && { tlsPassthrough: true }),
      },
      origin: name,
      anyListen: true,
      suggested: suggested && enabled,
      note: noteOf(notes),
    });
  }

  readDestinations(): void {
    for (const [index, destination] of childrenOf(
      childrenOf(this.#config, "Replication")[0],
      "Destination",
    ).entries()) {
      const written = textOf(destination, "Name");
      const isNamed = written !== undefined && !hasVariable(written) && written.length <= 255;
      const name = safeName(written, `number ${index + 1}`);
      const transports = childrenOf(destination, "Transport");
      const addresses = transports.flatMap((one) =>
        textsOf(one, "InetAddr").map((text) => ({ text, transport: one })),
      );
      if (addresses.length === 0) this.#no(`Destination ${name}`, "has no InetAddr");
      addresses.forEach(({ text, transport }, at) => {
        const found = remoteAddress(text);
        if (found.is === "unusable") return this.#no(`Destination ${name}`, found.why);
        this.#peer(name, isNamed ? written : found.address.host, found.address, transport, at);
      });
    }
  }

  #peer(destination: string, name: string, address: HostPort, transport: Element, at: number): void {
    const { via } = this.#options;
    const id = freeId(idOf(name, "peer"), this.#ids);
    const secure = /-secure$/i.test(textOf(transport, "Type") ?? "") || speaksTls(transport);
    const origin = `Destination ${destination}`;
    this.backends.push({
      row: {
        id,
        ...(via !== null && { via }),
        replication: endpointUrl("replication", secure, address),
        // The first address is the instance that the destination is named after; the others stand in for it.
        ...(at === 0 && { instanceName: name }),
      },
      origin,
      note:
        at === 0
          ? "Only its replication is known from here: add its other endpoints."
          : "A further address of the same destination.",
    });
    this.routes.push({
      row: {
        id: `${id}-replication`,
        listen: `127.0.0.1:${address.port}`,
        transport: "replication",
        target: id,
      },
      origin,
      anyListen: true,
      suggested: false,
      note: "Only for an instance that replicates through this machine.",
    });
  }
}

/** For the operator's eyes: a name that could hold anything is cut short. */
function safeName(name: string | undefined, otherwise: string): string {
  return name === undefined || hasVariable(name) ? otherwise : name.slice(0, 80);
}

function noteOf(notes: readonly string[]): string | null {
  return notes.length === 0 ? null : [...new Set(notes)].join(" ");
}
