/** A block of NGINX's with the blocks around it, whose settings it inherits. Pure. */
import type { BackendTls } from "../../contract/config.ts";
import type { Directive } from "./parse-nginx.ts";

interface ReadTls {
  readonly settings: BackendTls;
  readonly notes: readonly string[];
}

const restricting = /^(deny|auth_\w+|ssl_verify_client|internal|valid_referers|limit_except)$/;

export class Scope {
  /** Settings of outer blocks that count for inner ones, and are understood. */
  static readonly inherited = [
    ...["proxy_ssl", "proxy_ssl_verify", "proxy_ssl_trusted_certificate", "proxy_ssl_name"],
    ...["proxy_ssl_server_name", "proxy_ssl_certificate", "proxy_ssl_certificate_key"],
    ...["ssl_certificate", "ssl_certificate_key"],
  ];

  readonly line: number;
  readonly words: readonly string[];
  readonly #directives: readonly Directive[];
  readonly #outer: Scope | null;

  constructor({ block, line, words }: Directive, outer: Scope | null) {
    this.line = line;
    this.words = words;
    this.#directives = block ?? [];
    this.#outer = outer;
  }

  all(name: string): readonly Directive[] {
    return this.#directives.filter((one) => one.name === name);
  }

  others(names: readonly string[]): readonly Directive[] {
    return this.#directives.filter(({ name }) => !names.includes(name));
  }

  own(name: string): Directive | undefined {
    return this.all(name)[0];
  }

  /** The innermost block that has any of it decides. */
  inherit(name: string): readonly Directive[] {
    const own = this.all(name);
    return own.length > 0 || !this.#outer ? own : this.#outer.inherit(name);
  }

  value(name: string): string | undefined {
    return this.inherit(name)[0]?.words[0];
  }

  isOn(name: string): boolean {
    return this.value(name) === "on";
  }

  /** The name of a setting that keeps somebody out; null where there is none. */
  restriction(): string | null {
    const own = this.#directives.find(({ name, words }) => restricting.test(name) && words[0] !== "off");
    return own?.name ?? this.#outer?.restriction() ?? null;
  }

  /** The first word on a line of this block. */
  shown(line: number): string {
    return this.#directives.find((one) => one.line === line)?.words[0] ?? "";
  }

  backendTls(): ReadTls {
    const verify = this.value("proxy_ssl_verify");
    const caFile = this.value("proxy_ssl_trusted_certificate");
    const serverName = this.value("proxy_ssl_name");
    const clientCertFile = this.value("proxy_ssl_certificate");
    const clientKeyFile = this.value("proxy_ssl_certificate_key");
    const hasClient = clientCertFile !== undefined && clientKeyFile !== undefined && clientCertFile !== "";
    return {
      settings: {
        ...(caFile !== undefined && verify !== "off" && { caFile }),
        ...(serverName !== undefined && !serverName.includes("$") && { serverName }),
        ...(hasClient && { clientCertFile, clientKeyFile }),
        ...(verify === "off" && { verify: false }),
      },
      notes: verify === undefined ? ["NGINX does not verify the server's certificate here; Shunt will."] : [],
    };
  }
}
