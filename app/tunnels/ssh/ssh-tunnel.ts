/**
 * An SSH tunnel: one chain of connections (jump hosts, then the server), shared by every backend that names it.
 *
 *     idle ──first use──▶ connecting ──▶ up ──lost──▶ waiting (back-off, counted down) ──▶ connecting …
 *                             └─ refused for good: stopped, until the operator tries again
 */
import type { Reply } from "../../contract/commands.ts";
import type { SshTunnelConfig } from "../../contract/config.ts";
import type { Failure } from "../../contract/failures.ts";
import type { TunnelStatus } from "../../contract/snapshot.ts";
import type { HostPort } from "../../config/address.ts";
import type { ActivityNote } from "../../engine/activity-log.ts";
import { accept, assertNever, failure, refuse } from "../../failures.ts";
import type { BackendSocket } from "../../forward/backend-socket.ts";
import { defaultDialTimeoutMs, openSocket, type DialOptions } from "../../forward/open-tcp.ts";
import { BackOff } from "../back-off.ts";
import type { SecretSource } from "../secret-source.ts";
import type { Tunnel } from "../tunnel.ts";
import { within } from "../within.ts";
import type { HostKeys } from "./host-keys.ts";
import { connectSsh, type SshConnection, type SshLimits } from "./ssh-connection.ts";
import { describeHop, sshHops, type SshHop, type SshSurroundings } from "./ssh-hops.ts";
import { SecretMemory } from "./ssh-log-on.ts";

export interface SshTunnelOptions {
  readonly config: SshTunnelConfig;
  readonly secrets: SecretSource;
  readonly hostKeys: HostKeys;
  readonly around: SshSurroundings;
  readonly limits: SshLimits;
  readonly note: (note: ActivityNote) => void;
  readonly onChange: () => void;
}

type Chain = readonly SshConnection[];

type State =
  | { readonly is: "idle" }
  | {
      readonly is: "connecting";
      readonly attempt: Promise<Reply<SshConnection>>;
      readonly after: Failure | null;
    }
  | { readonly is: "up"; readonly chain: Chain; readonly last: SshConnection; readonly since: number }
  | {
      readonly is: "waiting";
      readonly failure: Failure;
      readonly retryAt: number;
      readonly timer: NodeJS.Timeout;
    }
  | { readonly is: "stopped"; readonly failure: Failure }
  | { readonly is: "closed" };

const mostRefusedLogOns = 3;
/** A connection that held this long starts the back-off afresh. */
const steadyMs = 30_000;
const probeLimitMs = 4_000;

export class SshTunnel implements Tunnel {
  readonly #options: SshTunnelOptions;
  readonly #memory = new SecretMemory();
  readonly #backOff = new BackOff();
  #state: State = { is: "idle" };
  #refusedLogOns = 0;

  constructor(options: SshTunnelOptions) {
    this.#options = options;
  }

  async open(address: HostPort, options: DialOptions): Promise<Reply<BackendSocket>> {
    const { id } = this.#options.config;
    const state = this.#state;
    switch (state.is) {
      case "up":
        return state.last.open(address, options);
      case "waiting":
      case "stopped":
        return { ok: false, failure: state.failure };
      case "closed":
        return refuse("TUNNEL_LOST", `Tunnel ${id} was closed.`);
      case "idle":
      case "connecting": {
        const attempt = state.is === "idle" ? this.#connect(null) : state.attempt;
        const { timeoutMs = defaultDialTimeoutMs, signal } = options;
        const reply = await within(attempt, timeoutMs, signal, () =>
          failure("TUNNEL_TIMEOUT", `Tunnel ${id} was not up within ${timeoutMs / 1000} s.`),
        );
        return reply.ok ? reply.value.open(address, options) : reply;
      }
      default:
        return assertNever(state);
    }
  }

  #connect(after: Failure | null): Promise<Reply<SshConnection>> {
    const chain: SshConnection[] = [];
    const attempt = this.#build(chain).then((reply) => {
      if (this.#state.is !== "connecting" || this.#state.attempt !== attempt) {
        closeAll(chain);
        return refuse<SshConnection>(
          "TUNNEL_LOST",
          `Tunnel ${this.#options.config.id} was closed meanwhile.`,
        );
      }
      if (reply.ok) this.#isUp(chain, reply.value);
      else {
        closeAll(chain);
        this.#failed(reply.failure, after);
      }
      return reply;
    });
    this.#become({ is: "connecting", attempt, after });
    return attempt;
  }

  /** Connects to one server after another, each through the one before it. */
  async #build(chain: SshConnection[]): Promise<Reply<SshConnection>> {
    const { config, around, secrets, hostKeys, limits } = this.#options;
    // The first await lets the caller set the state that the outcome is compared with.
    await Promise.resolve();
    let last: SshConnection | null = null;
    for (const hop of sshHops(config, around)) {
      const socket: Reply<BackendSocket> = last ? await last.open(hop, {}) : await openSocket(hop, {});
      if (!socket.ok) return this.#unreachable(hop, socket.failure);
      const reply = await connectSsh({
        tunnel: config.id,
        hop,
        socket: socket.value,
        hostKeys,
        secrets,
        memory: this.#memory,
        limits,
      });
      if (!reply.ok) return reply;
      chain.push((last = reply.value));
    }
    return last ? accept(last) : refuse("TUNNEL_UNREACHABLE", `Tunnel ${config.id} has no server.`);
  }

  #unreachable(hop: SshHop, { message }: Failure): Reply<SshConnection> {
    const what = hop.isJump ? `the jump host ${describeHop(hop)}` : describeHop(hop);
    return refuse("TUNNEL_UNREACHABLE", `Tunnel ${this.#options.config.id} cannot reach ${what}: ${message}`);
  }

  #isUp(chain: Chain, last: SshConnection): void {
    const { config, note } = this.#options;
    this.#refusedLogOns = 0;
    this.#become({ is: "up", chain, last, since: performance.now() });
    note({ event: "tunnel-up", severity: "info", message: `Tunnel ${config.id} is up.` });
    for (const connection of chain) connection.onEnded((why) => this.#lost(chain, why));
  }

  #lost(chain: Chain, why: string): void {
    const state = this.#state;
    if (state.is !== "up" || state.chain !== chain) return;
    closeAll(chain);
    if (performance.now() - state.since > steadyMs) this.#backOff.reset();
    this.#failed(failure("TUNNEL_LOST", `Tunnel ${this.#options.config.id} was lost: ${why}.`), null);
  }

  /** `before`: what had failed the last time, so that the same thing is told once. */
  #failed(reason: Failure, before: Failure | null): void {
    if (reason.code === "TUNNEL_AUTH_FAILED") this.#refusedLogOns++;
    const stop = this.#stopsAt(reason);
    if (stop) this.#become({ is: "stopped", failure: stop });
    else {
      const waitMs = this.#backOff.next();
      const timer = setTimeout(() => void this.#connect(reason), waitMs).unref();
      this.#become({ is: "waiting", failure: reason, retryAt: Date.now() + waitMs, timer });
    }
    if (stop || before?.code !== reason.code)
      this.#options.note({
        event: "tunnel-down",
        severity: "error",
        code: reason.code,
        message: `${(stop ?? reason).message} ${(stop ?? reason).advice}`,
      });
  }

  /** Why no further attempt is made by itself, or null. */
  #stopsAt(reason: Failure): Failure | null {
    if (reason.code === "TUNNEL_SECRET_MISSING") return reason;
    if (reason.code === "HOST_KEY_UNKNOWN" && this.#options.hostKeys.asks) return reason;
    if (this.#refusedLogOns < mostRefusedLogOns) return null;
    const message = `${reason.message} No further attempt is made after ${mostRefusedLogOns} refused log-ons.`;
    return { ...reason, message };
  }

  #become(next: State): void {
    if (this.#state.is === "waiting") clearTimeout(this.#state.timer);
    this.#state = next;
    this.#options.onChange();
  }

  status(): TunnelStatus {
    const { id } = this.#options.config;
    const state = this.#state;
    const quiet = { id, reason: null, failure: null, retryAt: null };
    switch (state.is) {
      case "idle":
      case "closed":
        return { ...quiet, state: "unknown" };
      case "connecting":
        return { ...quiet, state: "connecting", reason: state.after?.message ?? null, failure: state.after };
      case "up":
        return { ...quiet, state: "up" };
      case "waiting": {
        const retryAt = new Date(state.retryAt).toISOString();
        return { id, state: "down", reason: state.failure.message, failure: state.failure, retryAt };
      }
      case "stopped":
        return { ...quiet, state: "down", reason: state.failure.message, failure: state.failure };
      default:
        return assertNever(state);
    }
  }

  async retry(): Promise<Reply<null>> {
    const state = this.#state;
    if (state.is === "up") return accept(null);
    this.#refusedLogOns = 0;
    const attempt =
      state.is === "connecting"
        ? state.attempt
        : this.#connect(state.is === "waiting" || state.is === "stopped" ? state.failure : null);
    const reply = await attempt;
    return reply.ok ? accept(null) : reply;
  }

  wake(): void {
    const state = this.#state;
    if (state.is === "waiting") void this.#connect(state.failure);
    if (state.is !== "up") return;
    void state.last.answers(probeLimitMs).then((lives) => {
      if (!lives) this.#lost(state.chain, "the server no longer answered");
    });
  }

  close(): void {
    const state = this.#state;
    this.#become({ is: "closed" });
    if (state.is === "up") closeAll(state.chain);
  }
}

/** The far end first: what it was carried by goes last. */
function closeAll(chain: Chain): void {
  for (const connection of [...chain].reverse()) connection.close();
}
