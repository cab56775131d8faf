/** One backend's endpoint as a server of an engine: where to connect, under which name, with which TLS. */
import { isIP } from "node:net";
import type { BackendConfig, EndpointKind } from "../../contract/config.ts";
import { formatHostPort, isLoopback, parseEndpoint, type HostPort } from "../../config/address.ts";
import { isPlainFile, isPlainName, safeFile } from "./safe-text.ts";
import type { EngineName, ServerPlan, ServerTls, TunnelForward } from "./export-plan.ts";
import type { LocalPorts } from "./local-ports.ts";
import type { ExportSource } from "./source.ts";

/** Turns endpoints into servers, and remembers which tunnels they need. */
export class ServerPlanner {
  readonly #source: ExportSource;
  readonly #engine: EngineName;
  readonly #ports: LocalPorts;
  readonly #forwards = new Map<string, TunnelForward>();
  /** Files that have to be on the engine's machine. */
  readonly files = new Set<string>();

  constructor(source: ExportSource, engine: EngineName, ports: LocalPorts) {
    this.#source = source;
    this.#engine = engine;
    this.#ports = ports;
  }

  /** Null where the endpoint cannot be written; the remarks say why. `passesTls`: the TLS is the client's own. */
  plan(backend: BackendConfig, kind: EndpointKind, passesTls: boolean): ServerPlan | null {
    const endpoint = parseEndpoint(kind, backend[kind] ?? "");
    if (!endpoint) return null;
    const speaksTls = endpoint.tls && !passesTls;
    const tls = speaksTls ? this.#tls(backend, endpoint.host) : null;
    if (speaksTls && !tls) return null;
    const way = this.#way(backend, kind, endpoint);
    return {
      backend: backend.id,
      dial: way.dial,
      authority: endpoint.authority,
      tls,
      weight: 1,
      isBackup: false,
      isDrained: backend.drained === true,
      check: this.#check(backend),
      agent: null,
      comments: way.comments,
    };
  }

  forwards(): readonly TunnelForward[] {
    return [...this.#forwards].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, forward]) => forward);
  }

  #check(backend: BackendConfig): ServerPlan["check"] {
    const endpoint = parseEndpoint("admin", backend.admin ?? "");
    if (!endpoint) return null;
    const tls = endpoint.tls ? this.#tls(backend, endpoint.host) : null;
    if (endpoint.tls && !tls) return null;
    return { dial: this.#way(backend, "admin", endpoint).dial, authority: endpoint.authority, tls };
  }

  #way(
    backend: BackendConfig,
    kind: EndpointKind,
    address: HostPort,
  ): { readonly dial: HostPort; readonly comments: readonly string[] } {
    const { remarks, resolved } = this.#source;
    const where = { backend: backend.id };
    const tunnel = resolved.tunnels.find((one) => one.id === backend.via);
    if (!tunnel) {
      if (isLoopback(address.host))
        remarks.differ(
          "REACHABLE_ONLY_HERE",
          where,
          `Backend ${backend.id} is at ${address.host}: the engine reaches it only on the machine that it runs on.`,
        );
      return { dial: { host: address.host, port: address.port }, comments: [] };
    }
    const local = { host: "127.0.0.1", port: this.#localPort(backend.id, kind) };
    const remote = { host: address.host, port: address.port };
    const asked = formatHostPort(remote);
    const forward = formatHostPort(local);
    if (tunnel.type === "ssh") {
      remarks.leaveOut(
        "TUNNEL_SSH",
        where,
        `Backend ${backend.id} is reached through SSH tunnel ${tunnel.id}, and an engine opens none: a unit with ssh -L has to stand beside it.`,
      );
      this.#forwards.set(`${backend.id} ${kind}`, { tunnel: tunnel.id, local, remote });
      return {
        dial: local,
        comments: [
          `${backend.id}: ${asked} through shunt-tunnel-${tunnel.id}.service, whose local end is ${forward}`,
        ],
      };
    }
    remarks.leaveOut(
      "TUNNEL_PROXY",
      where,
      `Backend ${backend.id} is reached through ${tunnel.type} proxy ${tunnel.id}, and an engine speaks to none: something has to forward to ${asked} through it.`,
    );
    return {
      dial: local,
      comments: [
        `${backend.id}: NOT REACHABLE until something listens on ${forward} and forwards to ${asked} through the ${tunnel.type} proxy ${tunnel.address}`,
      ],
    };
  }

  #localPorts = new Map<string, number>();

  #localPort(backend: string, kind: EndpointKind): number {
    const key = `${backend} ${kind}`;
    const port = this.#localPorts.get(key) ?? this.#ports.choose(key);
    this.#localPorts.set(key, port);
    return port;
  }

  #tls({ id, tls = {} }: BackendConfig, host: string): ServerTls | null {
    const name = tls.serverName ?? host;
    const caFile = tls.caFile === undefined ? null : this.#file(tls.caFile, { backend: id });
    const certFile =
      tls.clientCertFile === undefined ? null : this.#file(tls.clientCertFile, { backend: id });
    const keyFile = tls.clientKeyFile === undefined ? null : this.#file(tls.clientKeyFile, { backend: id });
    const isUnsafe =
      !isPlainName(name) ||
      (tls.caFile !== undefined && caFile === null) ||
      (tls.clientCertFile !== undefined && (certFile === null || keyFile === null));
    if (isUnsafe) {
      this.#source.remarks.leaveOut(
        "UNSAFE_TEXT",
        { backend: id },
        `The TLS settings of backend ${id} hold a name or path that engines would read as more than that.`,
      );
      return null;
    }
    const client = certFile === null || keyFile === null ? null : { certFile, keyFile };
    const verify = tls.verify !== false;
    const isAddress = isIP(name) !== 0;
    if (verify && isAddress && this.#engine !== "envoy")
      this.#source.remarks.leaveOut(
        "TLS_ADDRESS",
        { backend: id },
        `The certificate of backend ${id} is verified for the address ${name}, and the engine verifies names only: set tls.serverName.`,
      );
    return { verify, name, isAddress, caFile, client };
  }

  /** A path as the engine's machine has it; null where it cannot be written. */
  #file(path: string, where: { readonly backend: string }): string | null {
    const there = safeFile(path);
    if (there === null) return null;
    this.files.add(there);
    if (path !== there)
      this.#source.remarks.differ(
        "FILES",
        where,
        `${isPlainFile(path) ? path : "A file"} is in this user's home; the engine looks for it at ${there}.`,
      );
    return there;
  }
}
