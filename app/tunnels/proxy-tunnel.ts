/** A SOCKS5 or HTTP CONNECT proxy as a tunnel: every connection is dialled and asked for on its own. */
import type { Socket } from "node:net";
import type { Reply } from "../contract/commands.ts";
import type { ProxyTunnelConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { TunnelStatus } from "../contract/snapshot.ts";
import { parseHostPort, type HostPort } from "../config/address.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import { accept, failure, refuse } from "../failures.ts";
import { defaultDialTimeoutMs, openSocket, type DialOptions } from "../forward/open-tcp.ts";
import type { Credentials, ShakeHands } from "./handshake.ts";
import { shakeHttpConnect } from "./http-connect.ts";
import { secretVariable, type SecretSource } from "./secret-source.ts";
import { shakeSocks5 } from "./socks5.ts";
import type { Tunnel } from "./tunnel.ts";
import { within } from "./within.ts";

export interface ProxyTunnelOptions {
  readonly config: ProxyTunnelConfig;
  readonly secrets: SecretSource;
  readonly note: (note: ActivityNote) => void;
  /** The status is another than before. */
  readonly onChange: () => void;
}

export function createProxyTunnel(options: ProxyTunnelOptions): Tunnel {
  const { config, note, onChange } = options;
  const shake: ShakeHands = config.type === "socks5" ? shakeSocks5 : shakeHttpConnect;
  const logOn = createLogOn(options);
  let status: TunnelStatus = { id: config.id, state: "unknown", reason: null, failure: null, retryAt: null };
  let closed = false;

  const learn = (state: TunnelStatus["state"], why: Failure | null): void => {
    const reason = why?.message ?? null;
    if (closed || (status.state === state && status.reason === reason)) return;
    const before = status.state;
    status = { id: config.id, state, reason, failure: why, retryAt: null };
    onChange();
    if (why)
      note({
        event: "tunnel-down",
        severity: "error",
        code: why.code,
        message: `${why.message} ${why.advice}`,
      });
    else if (before === "down")
      note({ event: "tunnel-up", severity: "info", message: `Tunnel ${config.id} is up again.` });
  };
  /** What the proxy said of the target says nothing against the proxy. */
  const judge = (reply: Reply<Socket>, signal: AbortSignal | undefined): void => {
    if (reply.ok || reply.failure.hop !== "tunnel" || reply.failure.code === "TUNNEL_REFUSED")
      return learn("up", null);
    if (!signal?.aborted) learn("down", reply.failure);
  };
  return {
    async open(target, dialOptions) {
      if (status.state === "unknown") learn("connecting", null);
      const credentials = await logOn.credentials();
      const reply = credentials.ok
        ? await openThrough({ config, shake, target, credentials: credentials.value, ...dialOptions })
        : credentials;
      if (!reply.ok && reply.failure.code === "TUNNEL_AUTH_FAILED") logOn.refused();
      judge(reply, dialOptions.signal);
      return reply;
    },
    status: () => status,
    async retry() {
      // Every connection is dialled on its own: trying again is reaching the proxy.
      const proxy = parseHostPort(config.address);
      const reply = proxy ? await openSocket(proxy, {}) : null;
      if (!reply?.ok) return reply ?? accept(null);
      reply.value.destroy();
      logOn.forget();
      if (status.state === "down") learn("unknown", null);
      return accept(null);
    },
    wake: () => undefined,
    close() {
      closed = true;
    },
  };
}

interface LogOn {
  credentials(): Promise<Reply<Credentials | null>>;
  /** Asks anew the next time. */
  forget(): void;
  refused(): void;
}

/** Asks for the password once, and again after it was refused; many connections share the one question. */
function createLogOn({ config, secrets }: ProxyTunnelOptions): LogOn {
  const { id, user, address } = config;
  let asked: Promise<string | null> | null = null;
  let wasRefused = false;
  return {
    async credentials() {
      if (user === undefined) return accept(null);
      asked ??= secrets({
        tunnel: id,
        kind: "password",
        account: `${user}@${address}`,
        refused: wasRefused,
      });
      const password = await asked;
      if (password !== null) return accept({ user, password });
      asked = null;
      return refuse(
        "TUNNEL_SECRET_MISSING",
        `Tunnel ${id} needs the password of ${user}, and none was given.`,
        {
          advice: `Give the password when asked, or set ${secretVariable(id)} in the environment.`,
        },
      );
    },
    forget() {
      asked = null;
    },
    refused() {
      asked = null;
      wasRefused = true;
    },
  };
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
    const { message } = connected.failure;
    return refuse<Socket>("TUNNEL_UNREACHABLE", `Tunnel ${config.id} cannot be reached: ${message}`);
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
