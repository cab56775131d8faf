/** A SOCKS5 or HTTP CONNECT proxy as a tunnel: every connection is dialled and asked for on its own. */
import type { Socket } from "node:net";
import type { Reply } from "../contract/commands.ts";
import type { ProxyTunnelConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { TunnelStatus } from "../contract/snapshot.ts";
import { parseHostPort, type HostPort } from "../config/address.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import { accept, failure, isOwnShortage, refuse } from "../failures.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { GoneSignal } from "../forward/departure.ts";
import { defaultDialTimeoutMs, openSocket, type DialOptions } from "../forward/open-tcp.ts";
import type { Credentials, ShakeHands } from "./handshake.ts";
import { shakeHttpConnect } from "./http-connect.ts";
import { ProxyLogOn, type Verdict } from "./proxy-log-on.ts";
import type { SecretSource } from "./secret-source.ts";
import { shakeSocks5 } from "./socks5.ts";
import type { Tunnel } from "./tunnel.ts";
import { within } from "./within.ts";

interface ProxyTunnelOptions {
  readonly config: ProxyTunnelConfig;
  readonly secrets: SecretSource;
  readonly note: (note: ActivityNote) => void;
  /** The status is another than before. */
  readonly onChange: () => void;
}

const probeLimitMs = 4_000;

export function createProxyTunnel(options: ProxyTunnelOptions): Tunnel {
  return new ProxyTunnel(options);
}

class ProxyTunnel implements Tunnel {
  readonly #options: ProxyTunnelOptions;
  readonly #shake: ShakeHands;
  readonly #logOn: ProxyLogOn;
  #state: TunnelStatus["state"] = "unknown";
  #failure: Failure | null = null;
  #closed = false;

  constructor(options: ProxyTunnelOptions) {
    this.#options = options;
    this.#shake = options.config.type === "socks5" ? shakeSocks5 : shakeHttpConnect;
    this.#logOn = new ProxyLogOn(options);
  }

  async open(target: HostPort, dialOptions: DialOptions): Promise<Reply<BackendSocket>> {
    const { config } = this.#options;
    if (this.#state === "unknown") this.#learn("connecting", null);
    const turn = await this.#logOn.turn(dialOptions);
    if (!turn.ok) return this.#judge(turn, dialOptions.signal);
    const { credentials, done } = turn.value;
    const reply = await openThrough({ config, shake: this.#shake, target, credentials, ...dialOptions });
    done(dialOptions.signal?.aborted ? null : verdictOf(reply));
    return this.#judge(reply, dialOptions.signal);
  }

  ready(): Promise<Reply<"up" | "unseen">> {
    return Promise.resolve(accept("unseen"));
  }

  /** What the proxy said of the target says nothing against the proxy; that an answer is awaited says nothing either. */
  #judge<T>(reply: Reply<T>, signal: GoneSignal | undefined): Reply<T> {
    if (signal?.aborted || (!reply.ok && isOwnShortage(reply.failure))) return reply;
    if (reply.ok || isOfTarget(reply.failure)) this.#learn("up", null);
    else if (reply.failure.code !== "TUNNEL_WAITS_FOR_ANSWER")
      this.#learn("down", this.#logOn.stopped ?? reply.failure);
    return reply;
  }

  #learn(state: TunnelStatus["state"], why: Failure | null): void {
    const { config, note, onChange } = this.#options;
    if (this.#closed || (this.#state === state && this.#failure?.message === why?.message)) return;
    const before = this.#state;
    const tunnel = config.id;
    this.#state = state;
    this.#failure = why;
    onChange();
    if (why)
      note({
        event: "tunnel-down",
        severity: "error",
        tunnel,
        code: why.code,
        message: `${why.message} ${why.advice}`,
      });
    else if (before === "down" && state === "up")
      note({ event: "tunnel-up", severity: "info", tunnel, message: `Tunnel ${tunnel} is up again.` });
  }

  status(): TunnelStatus {
    return {
      id: this.#options.config.id,
      state: this.#logOn.question === null ? this.#state : "connecting",
      reason: this.#failure?.message ?? null,
      failure: this.#failure,
      retryAt: null,
      stopped: this.#logOn.stopped !== null,
      question: this.#logOn.question,
    };
  }

  /** Every connection is dialled on its own: trying again is reaching the proxy. */
  async retry(): Promise<Reply<null>> {
    this.#logOn.begin();
    return this.#probe({});
  }

  async #probe(how: DialOptions): Promise<Reply<null>> {
    const proxy = parseHostPort(this.#options.config.address);
    const reply = proxy ? await openSocket(proxy, how) : null;
    if (!reply?.ok) {
      if (reply && !isOwnShortage(reply.failure))
        this.#learn("down", unreachable(this.#options.config.id, reply.failure));
      return reply ?? accept(null);
    }
    reply.value.destroy();
    if (this.#state === "down" && !this.#logOn.stopped) this.#learn("unknown", null);
    return accept(null);
  }

  wake(): void {
    if (this.#state !== "unknown") void this.#probe({ timeoutMs: probeLimitMs });
  }

  stop(): void {
    const { config, note } = this.#options;
    if (this.#logOn.question === null) return;
    const message = `Tunnel ${config.id} was stopped by the operator.`;
    this.#logOn.stop(failure("TUNNEL_STOPPED", message));
    this.#learn("down", this.#logOn.stopped);
    note({ event: "tunnel-stopped", severity: "info", tunnel: config.id, message });
  }

  forgetSecrets(): void {
    this.#logOn.forget();
  }

  close(): void {
    this.#closed = true;
    this.#logOn.close();
  }
}

function verdictOf(reply: Reply<Socket>): Verdict {
  if (!reply.ok && isOwnShortage(reply.failure)) return null;
  if (reply.ok || isOfTarget(reply.failure)) return "accepted";
  return reply.failure.code === "TUNNEL_AUTH_FAILED" ? "refused" : null;
}

function isOfTarget({ hop, code }: Failure): boolean {
  return hop !== "tunnel" || code === "TUNNEL_REFUSED";
}

function unreachable(tunnel: string, why: Failure): Failure {
  if (isOwnShortage(why)) return why;
  return failure("TUNNEL_UNREACHABLE", `Tunnel ${tunnel} cannot be reached: ${why.message}`);
}

interface OpenThrough extends DialOptions {
  readonly config: ProxyTunnelConfig;
  readonly shake: ShakeHands;
  readonly target: HostPort;
  readonly credentials: Credentials | null;
}

async function openThrough({ config, shake, target, credentials, ...dialOptions }: OpenThrough) {
  const { timeoutMs = defaultDialTimeoutMs, signal } = dialOptions;
  const started = performance.now();
  const proxy = parseHostPort(config.address);
  if (!proxy) return refuse<Socket>("TUNNEL_UNREACHABLE", `Tunnel ${config.id} has no address.`);
  const connected = await openSocket(proxy, dialOptions);
  if (!connected.ok) {
    return { ok: false, failure: unreachable(config.id, connected.failure) } as const;
  }
  const socket = connected.value;
  const shaken = shake({ socket, target, credentials, tunnel: config.id });
  const leftMs = Math.max(1, timeoutMs - (performance.now() - started));
  const reply = await within(shaken, leftMs, signal, () =>
    failure("TUNNEL_TIMEOUT", `Tunnel ${config.id} did not answer within ${timeoutMs / 1000} s.`),
  );
  if (!reply.ok) socket.destroy();
  return reply;
}
