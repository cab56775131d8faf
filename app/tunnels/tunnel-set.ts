/** The configured tunnels, kept in step with the configuration; opens connections directly or through them. */
import { isDeepStrictEqual } from "node:util";
import type { Reply } from "../contract/commands.ts";
import type { TunnelConfig } from "../contract/config.ts";
import type { TunnelStatus } from "../contract/snapshot.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import { accept, refuse } from "../failures.ts";
import { openSocket, type DialOptions, type OpenTcp } from "../forward/open-tcp.ts";
import { createProxyTunnel } from "./proxy-tunnel.ts";
import { environmentSecrets, type SecretSource } from "./secret-source.ts";
import { HostKeys, type AskHostKey } from "./ssh/host-keys.ts";
import { defaultSshLimits, type SshLimits } from "./ssh/ssh-connection.ts";
import { sshSurroundings, type SshSurroundings } from "./ssh/ssh-hops.ts";
import { SshTunnel } from "./ssh/ssh-tunnel.ts";
import { unusedStatus, type Tunnel } from "./tunnel.ts";
import { watchForWaking } from "./wake-watch.ts";

export interface TunnelOptions {
  /** Default: the environment. */
  readonly secrets?: SecretSource;
  /** Default: nobody can be asked, and unknown host keys are refused. */
  readonly askHostKey?: AskHostKey;
  /** Where host keys that the operator accepted are kept; default: for this run only. */
  readonly ownKnownHosts?: string;
  readonly ssh?: Partial<SshSurroundings>;
  readonly sshLimits?: Partial<SshLimits>;
}

interface TunnelEvents {
  readonly note: (note: ActivityNote) => void;
  /** A tunnel's status is another than before. */
  readonly onChange: () => void;
}

export class TunnelSet {
  readonly #running = new Map<string, { readonly config: TunnelConfig; readonly tunnel: Tunnel }>();
  readonly #secrets: SecretSource;
  readonly #hostKeys: HostKeys;
  readonly #around: SshSurroundings;
  readonly #limits: SshLimits;
  readonly #events: TunnelEvents;
  readonly #waking: { close(): void };

  constructor(options: TunnelOptions, events: TunnelEvents) {
    this.#events = events;
    this.#secrets = options.secrets ?? environmentSecrets();
    this.#hostKeys = new HostKeys({
      ask: options.askHostKey ?? null,
      ownFile: options.ownKnownHosts ?? null,
      note: events.note,
    });
    this.#around = { ...sshSurroundings(), ...options.ssh };
    this.#limits = { ...defaultSshLimits, ...options.sshLimits };
    this.#waking = watchForWaking({ onWake: () => this.wake() });
  }

  /** A tunnel that is configured as before goes on; one that differs is closed and begins afresh. */
  update(configs: readonly TunnelConfig[]): void {
    for (const [id, { config, tunnel }] of this.#running) {
      const next = configs.find((one) => one.id === id);
      if (next && isDeepStrictEqual(withoutNote(next), withoutNote(config))) continue;
      this.#running.delete(id);
      tunnel.close();
    }
    for (const config of configs)
      if (!this.#running.has(config.id))
        this.#running.set(config.id, { config, tunnel: this.#create(config) });
  }

  #create(config: TunnelConfig): Tunnel {
    const common = { secrets: this.#secrets, ...this.#events };
    if (config.type !== "ssh") return createProxyTunnel({ config, ...common });
    return new SshTunnel({
      config,
      ...common,
      hostKeys: this.#hostKeys,
      around: this.#around,
      limits: this.#limits,
    });
  }

  readonly openTcp: OpenTcp = (address, via, options = {}) => {
    if (via === undefined) return openSocket(address, options);
    const running = this.#running.get(via);
    if (running) return running.tunnel.open(address, options);
    return Promise.resolve(refuse("NOT_FOUND", `Tunnel ${via} is no longer configured.`));
  };

  readonly ready = (via: string, options: DialOptions): Promise<Reply<"up" | "unseen">> => {
    const running = this.#running.get(via);
    if (running) return running.tunnel.ready(options);
    return Promise.resolve(refuse("NOT_FOUND", `Tunnel ${via} is no longer configured.`));
  };

  status(id: string): TunnelStatus {
    return this.#running.get(id)?.tunnel.status() ?? unusedStatus(id);
  }

  async retry(id: string): Promise<Reply<null>> {
    const running = this.#running.get(id);
    return running ? running.tunnel.retry() : refuse("NOT_FOUND", `There is no tunnel ${id}.`);
  }

  stop(id: string): Reply<null> {
    const running = this.#running.get(id);
    if (!running) return refuse("NOT_FOUND", `There is no tunnel ${id}.`);
    running.tunnel.stop();
    return accept(null);
  }

  forgetSecrets(id: string): void {
    this.#running.get(id)?.tunnel.forgetSecrets();
  }

  /** After sleep or a change of network: probes what is up and tries what waits, at once. */
  wake(): void {
    for (const { tunnel } of this.#running.values()) tunnel.wake();
  }

  close(): void {
    this.#waking.close();
    for (const { tunnel } of this.#running.values()) tunnel.close();
    this.#running.clear();
  }
}

function withoutNote({ note: _note, ...config }: TunnelConfig): object {
  return config;
}
