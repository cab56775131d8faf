/** From an ssh_config(5): each LocalForward of a host that is named in full becomes a tunnel, a backend and a route. Pure. */
import SSHConfig from "ssh-config";
import type { BackendConfig, SshTunnelConfig } from "../contract/config.ts";
import type { NotUnderstood } from "../contract/import.ts";
import { formatHostPort, isLoopback, parseSshAddress } from "../config/address.ts";
import { accept, errorText, refuse } from "../failures.ts";
import { guessEndpoint } from "./endpoint-guess.ts";
import { freeId, idOf } from "./ids.ts";
import type { Found, FoundBackend, FoundRoute, ImportSource } from "./import-source.ts";
import { parseBind, parseLocalForward } from "./ssh-forward.ts";

interface SshConfigOptions {
  /** The text is that of the ~/.ssh/config that tunnels read themselves: an alias is address enough. */
  readonly own: boolean;
}

type Computed = Record<string, string | string[] | undefined>;

export const sshConfigSource: ImportSource<SshConfigOptions> = (text, { own }) => {
  let config: SSHConfig;
  try {
    config = SSHConfig.parse(text);
  } catch (error) {
    return refuse(
      "IMPORT_UNREADABLE",
      `This is not an SSH configuration: ${errorText(error).slice(0, 120)}.`,
    );
  }
  const reading = new Reading(config, own);
  for (const alias of namedHosts(config)) reading.readHost(alias);
  reading.tellUnused(text);
  return accept({ additions: { ...reading.found, pools: [] }, notUnderstood: reading.notUnderstood });
};

/** Names that Host lines give in full, in their order. */
function namedHosts(config: SSHConfig): readonly string[] {
  const names = new Set<string>();
  for (const line of config) {
    if (!("param" in line) || !/^host$/i.test(line.param)) continue;
    for (const pattern of wordsOf(line.value)) if (!/[*?!]/.test(pattern)) names.add(pattern);
  }
  return [...names];
}

function wordsOf(value: string | readonly { readonly val: string }[]): readonly string[] {
  return typeof value === "string" ? value.split(/\s+/) : value.map(({ val }) => val);
}

function listOf(value: string | string[] | undefined): readonly string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

class Reading {
  readonly notUnderstood: NotUnderstood[] = [];
  readonly found = {
    tunnels: [] as Found<SshTunnelConfig>[],
    backends: [] as FoundBackend[],
    routes: [] as FoundRoute[],
  };
  readonly #config: SSHConfig;
  readonly #own: boolean;
  readonly #used = new Set<string>();
  readonly #tunnelIds = new Set<string>();
  readonly #backendIds = new Set<string>();
  readonly #routeIds = new Set<string>();

  constructor(config: SSHConfig, own: boolean) {
    this.#config = config;
    this.#own = own;
  }

  #skip(where: string, what: string): void {
    this.notUnderstood.push({ where, what });
  }

  readHost(alias: string): void {
    const settings = this.#config.compute(
      { Host: alias },
      { ignoreCase: true, matchExec: false },
    ) as Computed;
    const local = listOf(settings["localforward"]);
    const dynamic = listOf(settings["dynamicforward"]);
    for (const text of [...local, ...dynamic]) this.#used.add(text);
    for (const text of listOf(settings["remoteforward"])) {
      this.#used.add(text);
      this.#skip(`Host ${alias}`, `RemoteForward ${text}: Shunt forwards from this machine only.`);
    }
    if (local.length === 0 && dynamic.length === 0) return;
    const tunnel = this.#tunnel(alias, settings, local, dynamic);
    if (!tunnel) return;
    for (const text of dynamic) this.#skip(`Host ${alias}`, describeDynamic(text, tunnel));
    if (/^(yes|clientspecified)$/i.test(listOf(settings["gatewayports"])[0] ?? ""))
      this.#skip(
        `Host ${alias}`,
        "GatewayPorts: the routes listen on this machine only where the line names no address.",
      );
    for (const text of local) this.#forward(alias, tunnel, text);
  }

  #tunnel(
    alias: string,
    settings: Computed,
    local: readonly string[],
    dynamic: readonly string[],
  ): string | null {
    const address = this.#own ? alias : addressOf(alias, settings);
    if (!parseSshAddress(address)) {
      this.#skip(`Host ${alias}`, "The name or address of its server is none that Shunt can use.");
      return null;
    }
    const id = freeId(idOf(alias, "bastion"), this.#tunnelIds);
    const user = listOf(settings["user"])[0];
    const identityFile = listOf(settings["identityfile"])[0];
    const jump = listOf(settings["proxyjump"])[0];
    if (!this.#own && jump !== undefined && !/^none$/i.test(jump))
      this.#skip(
        `Host ${alias}`,
        `ProxyJump ${jump}: tunnels take jump hosts from the ~/.ssh/config of this machine.`,
      );
    if (settings["proxycommand"] !== undefined)
      this.#skip(`Host ${alias}`, "ProxyCommand: Shunt runs no command to reach a server.");
    const isPlain = (value: string | undefined): value is string =>
      value !== undefined && !/[%$]/.test(value);
    this.found.tunnels.push({
      row: {
        id,
        type: "ssh",
        address,
        ...(!this.#own && isPlain(user) && { user }),
        ...(!this.#own && isPlain(identityFile) && { identityFile }),
      },
      origin: `Host ${alias}, ${[...local.map((one) => `LocalForward ${one}`), ...dynamic.map((one) => `DynamicForward ${one}`)][0]}${local.length + dynamic.length > 1 ? " and more" : ""}`,
    });
    return id;
  }

  #forward(alias: string, tunnel: string, text: string): void {
    const forward = parseLocalForward(text);
    if (typeof forward === "string") return this.#skip(`Host ${alias}`, `LocalForward ${text} ${forward}.`);
    const { listen, to } = forward;
    const { kind, url, other } = guessEndpoint(to);
    const origin = `Host ${alias}, LocalForward ${text}`;
    const backend = this.#backendWith({
      kind,
      url,
      tunnel,
      name: isLoopback(to.host) ? alias : to.host,
      origin,
      suggested: other === null,
    });
    const guess = other
      ? `Port ${to.port} is usually ${other}, which is none of AMPS's.`
      : `Taken for ${kind === "admin" ? "an admin" : `a ${kind === "amps" ? "client" : kind}`} port by its number: correct it where it is another.`;
    const isOpen = listen.host !== "" && !isLoopback(listen.host);
    this.found.routes.push({
      row: {
        id: freeId(idOf(`${backend}-${kind}`, "route"), this.#routeIds),
        listen: formatHostPort({ host: listen.host === "" ? "localhost" : listen.host, port: listen.port }),
        transport: kind,
        target: backend,
      },
      origin,
      suggested: other === null,
      note: isOpen ? `${guess} Others on the network can reach it.` : guess,
    });
  }

  /** The backend of this host through this tunnel, with one endpoint more. */
  #backendWith(wanted: {
    readonly kind: "amps" | "websocket" | "admin" | "replication";
    readonly url: string;
    readonly tunnel: string;
    readonly name: string;
    readonly origin: string;
    readonly suggested: boolean;
  }): string {
    const { kind, url, tunnel, name, origin, suggested } = wanted;
    const { backends } = this.found;
    const at = backends.findIndex(
      ({ row }) => row.via === tunnel && row.label === name && (row[kind] ?? url) === url,
    );
    const before = backends[at];
    if (before) {
      backends[at] = {
        ...before,
        row: { ...before.row, [kind]: url },
        suggested: before.suggested === true || suggested,
      };
      return before.row.id;
    }
    const id = freeId(idOf(name.split(".")[0] ?? name, "backend"), this.#backendIds);
    const row: BackendConfig = { id, label: name, via: tunnel, [kind]: url };
    backends.push({ row, origin, suggested });
    return id;
  }

  /** Forwards that no host named in full has: of patterns, of Match blocks that run a command. */
  tellUnused(text: string): void {
    for (const line of text.split(/\r?\n/)) {
      const [, keyword = "", value = ""] = /^\s*(\w+)(?:\s*=\s*|\s+)(.+?)\s*$/.exec(line) ?? [];
      if (/^include$/i.test(keyword))
        this.#skip("Include", `${value} was not read: import that file as well.`);
      if (/^(local|dynamic)forward$/i.test(keyword) && !this.#used.has(value))
        this.#skip(
          `${keyword} ${value}`,
          "belongs to no host that a Host line names in full, so there is no server to go through.",
        );
    }
  }
}

function addressOf(alias: string, settings: Computed): string {
  const host = listOf(settings["hostname"])[0]?.replaceAll("%h", alias) ?? alias;
  const port = listOf(settings["port"])[0];
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? shown : `${shown}:${port}`;
}

function describeDynamic(text: string, tunnel: string): string {
  const bind = parseBind(text);
  return `DynamicForward ${text}: Shunt offers no SOCKS proxy${bind ? "" : " (and the address is not understood)"}; backends use the tunnel ${tunnel} itself.`;
}
