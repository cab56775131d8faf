/** The configured tunnels, kept in step with the configuration; opens connections directly or through them. */
import { isDeepStrictEqual } from "node:util";
import type { TunnelConfig } from "../contract/config.ts";
import type { TunnelStatus } from "../contract/snapshot.ts";
import { refuse } from "../failures.ts";
import { openSocket, type OpenTcp } from "../forward/open-tcp.ts";
import { createProxyTunnel } from "./proxy-tunnel.ts";
import { environmentSecrets, type SecretSource } from "./secret-source.ts";
import type { Tunnel } from "./tunnel.ts";

export interface TunnelOptions {
  /** Default: the environment. */
  readonly secrets?: SecretSource;
}

export class TunnelSet {
  readonly #running = new Map<string, { readonly config: TunnelConfig; readonly tunnel: Tunnel }>();
  readonly #options: Required<TunnelOptions>;
  readonly #onChange: () => void;

  constructor(options: TunnelOptions, onChange: () => void) {
    this.#options = { secrets: environmentSecrets(), ...options };
    this.#onChange = onChange;
  }

  /** A tunnel that is configured as before goes on; one that differs is closed and begins afresh. */
  update(configs: readonly TunnelConfig[]): void {
    for (const [id, { config, tunnel }] of this.#running) {
      const next = configs.find((one) => one.id === id);
      if (next && isDeepStrictEqual(withoutNote(next), withoutNote(config))) continue;
      tunnel.close();
      this.#running.delete(id);
    }
    for (const config of configs)
      if (!this.#running.has(config.id))
        this.#running.set(config.id, { config, tunnel: this.#create(config) });
  }

  #create(config: TunnelConfig): Tunnel {
    if (config.type === "ssh") return notCarried(config.id);
    return createProxyTunnel({ config, secrets: this.#options.secrets, onChange: this.#onChange });
  }

  readonly openTcp: OpenTcp = (address, via, options = {}) => {
    if (via === undefined) return openSocket(address, options);
    const running = this.#running.get(via);
    if (running) return running.tunnel.open(address, options);
    return Promise.resolve(refuse("NOT_FOUND", `Tunnel ${via} is no longer configured.`));
  };

  status(id: string): TunnelStatus {
    return this.#running.get(id)?.tunnel.status() ?? { id, state: "unknown", reason: null };
  }

  close(): void {
    for (const { tunnel } of this.#running.values()) tunnel.close();
    this.#running.clear();
  }
}

function notCarried(id: string): Tunnel {
  const reason = `Tunnel ${id} is an SSH tunnel, which this version cannot open.`;
  return {
    open: () => Promise.resolve(refuse("TUNNEL_NOT_CARRIED", reason)),
    status: () => ({ id, state: "down", reason }),
    close: () => undefined,
  };
}

function withoutNote({ note: _note, ...config }: TunnelConfig): object {
  return config;
}
