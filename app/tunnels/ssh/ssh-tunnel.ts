/**
 * An SSH tunnel: one chain of connections (jump hosts, then the server), shared by every backend that names it.
 *
 *     idle ──first use──▶ connecting ──▶ up ──lost──▶ waiting (back-off, counted down) ──▶ connecting …
 *                             └─ refused for good, or by the operator's word: stopped, until the operator tries again
 */
import type { Reply } from "../../contract/commands.ts";
import type { SshTunnelConfig } from "../../contract/config.ts";
import type { Failure } from "../../contract/failures.ts";
import type { TunnelStatus } from "../../contract/snapshot.ts";
import type { HostPort } from "../../config/address.ts";
import type { ActivityNote } from "../../engine/activity-log.ts";
import { accept, assertNever, failure, refuse } from "../../failures.ts";
import type { BackendSocket } from "../../forward/backend-socket.ts";
import { defaultDialTimeoutMs, type DialOptions } from "../../forward/open-tcp.ts";
import { BackOff } from "../back-off.ts";
import type { SecretSource } from "../secret-source.ts";
import type { Tunnel } from "../tunnel.ts";
import { within } from "../within.ts";
import type { HostKeys } from "./host-keys.ts";
import { closeAll, connectChain, type Chain } from "./connect-chain.ts";
import type { SshConnection, SshLimits } from "./ssh-connection.ts";
import type { SshSurroundings } from "./ssh-hops.ts";
import { SecretMemory } from "./secret-memory.ts";

interface SshTunnelOptions {
  readonly config: SshTunnelConfig;
  readonly secrets: SecretSource;
  readonly hostKeys: HostKeys;
  readonly around: SshSurroundings;
  readonly limits: SshLimits;
  readonly note: (note: ActivityNote) => void;
  readonly onChange: () => void;
}

type State =
  | { readonly is: "idle" }
  | {
      readonly is: "connecting";
      readonly attempt: Promise<Reply<SshConnection>>;
      readonly after: Failure | null;
      readonly abandon: AbortController;
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
  readonly #memory: SecretMemory;
  readonly #backOff = new BackOff();
  #state: State = { is: "idle" };
  #refusedLogOns = 0;
  /** The host whose key the operator is asked about. */
  #askedHost: string | null = null;

  constructor(options: SshTunnelOptions) {
    this.#options = options;
    this.#memory = new SecretMemory(options.onChange);
  }

  async open(address: HostPort, options: DialOptions): Promise<Reply<BackendSocket>> {
    const reply = await this.#last(options);
    return reply.ok ? reply.value.open(address, options) : reply;
  }

  async ready(options: DialOptions): Promise<Reply<"up" | "unseen">> {
    const reply = await this.#last(options);
    return reply.ok ? accept("up") : reply;
  }

  /** The connection that backends are reached from, made where there is none yet. */
  async #last({ timeoutMs = defaultDialTimeoutMs, signal }: DialOptions): Promise<Reply<SshConnection>> {
    const state = this.#state;
    switch (state.is) {
      case "up":
        return accept(state.last);
      case "waiting":
      case "stopped":
        return { ok: false, failure: state.failure };
      case "closed":
        return refuse("TUNNEL_LOST", `Tunnel ${this.#options.config.id} was closed.`);
      case "idle":
      case "connecting": {
        const attempt = state.is === "idle" ? this.#connect(null) : state.attempt;
        return within(attempt, timeoutMs, signal, () => this.#notUp(timeoutMs));
      }
      default:
        return assertNever(state);
    }
  }

  #notUp(timeoutMs: number): Failure {
    const { id } = this.#options.config;
    const question = this.#question();
    return question === null
      ? failure("TUNNEL_TIMEOUT", `Tunnel ${id} was not up within ${timeoutMs / 1000} s.`)
      : failure("TUNNEL_WAITS_FOR_ANSWER", `Tunnel ${id} waits for ${question}.`);
  }

  #question(): string | null {
    return this.#askedHost === null
      ? this.#memory.question
      : `your word on the host key of ${this.#askedHost}`;
  }

  #connect(after: Failure | null): Promise<Reply<SshConnection>> {
    const abandon = new AbortController();
    const attempt = this.#attempt(abandon.signal, after);
    this.#become({ is: "connecting", attempt, after, abandon });
    return attempt;
  }

  async #attempt(signal: AbortSignal, after: Failure | null): Promise<Reply<SshConnection>> {
    const { config, note: _note, onChange, ...common } = this.#options;
    const onAskHostKey = (host: string | null): void => {
      this.#askedHost = host;
      onChange();
    };
    // The state becomes `connecting` before anything comes of it.
    await Promise.resolve();
    const reply = await connectChain({ config, ...common, memory: this.#memory, onAskHostKey }, signal);
    const last = reply.ok ? reply.value.at(-1) : undefined;
    if (signal.aborted) {
      if (reply.ok) closeAll(reply.value);
      return this.#state.is === "stopped"
        ? { ok: false, failure: this.#state.failure }
        : refuse("TUNNEL_LOST", `Tunnel ${config.id} was closed meanwhile.`);
    }
    if (reply.ok && last) {
      this.#isUp(reply.value, last);
      return accept(last);
    }
    const reason = reply.ok
      ? failure("TUNNEL_UNREACHABLE", `Tunnel ${config.id} has no server.`)
      : reply.failure;
    this.#failed(reason, after);
    return { ok: false, failure: reason };
  }

  #isUp(chain: Chain, last: SshConnection): void {
    const { config, note } = this.#options;
    const tunnel = config.id;
    this.#refusedLogOns = 0;
    this.#become({ is: "up", chain, last, since: performance.now() });
    note({ event: "tunnel-up", severity: "info", tunnel, message: `Tunnel ${tunnel} is up.` });
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
        tunnel: this.#options.config.id,
        code: reason.code,
        message: `${(stop ?? reason).message} ${(stop ?? reason).advice}`,
      });
  }

  /** Why no further attempt is made by itself, or null. */
  #stopsAt(reason: Failure): Failure | null {
    if (reason.code === "TUNNEL_SECRET_MISSING") return reason;
    // Where an operator is there to say so; elsewhere a corrected known_hosts is found by trying.
    if (reason.hostKey && this.#options.hostKeys.asks) return reason;
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
    const quiet = { id, reason: null, failure: null, retryAt: null, stopped: false, question: null };
    switch (state.is) {
      case "idle":
      case "closed":
        return { ...quiet, state: "unknown" };
      case "connecting":
        return {
          ...quiet,
          state: "connecting",
          reason: state.after?.message ?? null,
          failure: state.after,
          question: this.#question(),
        };
      case "up":
        return { ...quiet, state: "up" };
      case "waiting": {
        const retryAt = new Date(state.retryAt).toISOString();
        return { ...quiet, state: "down", reason: state.failure.message, failure: state.failure, retryAt };
      }
      case "stopped": {
        const { failure: why } = state;
        return { ...quiet, state: "down", reason: why.message, failure: why, stopped: true };
      }
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

  stop(): void {
    const state = this.#state;
    if (state.is !== "connecting" && state.is !== "waiting") return;
    const { config, note } = this.#options;
    const message = `Tunnel ${config.id} was stopped by the operator.`;
    this.#become({ is: "stopped", failure: failure("TUNNEL_STOPPED", message) });
    if (state.is === "connecting") state.abandon.abort();
    note({ event: "tunnel-stopped", severity: "info", tunnel: config.id, message });
  }

  forgetSecrets(): void {
    this.#memory.forget();
  }

  close(): void {
    const state = this.#state;
    this.#become({ is: "closed" });
    if (state.is === "up") closeAll(state.chain);
    if (state.is === "connecting") state.abandon.abort();
  }
}
