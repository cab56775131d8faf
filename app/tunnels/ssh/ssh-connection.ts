/** One SSH connection to one server: verified, logged on, kept alive, and shared by everything that goes through it. */
import { Client, type ClientChannel } from "ssh2";
import type { Duplex } from "node:stream";
import type { Reply } from "../../contract/commands.ts";
import type { Failure } from "../../contract/failures.ts";
import { formatHostPort, type HostPort } from "../../config/address.ts";
import { accept, errorText, failure, refuse } from "../../failures.ts";
import type { BackendSocket } from "../../forward/backend-socket.ts";
import { defaultDialTimeoutMs, type DialOptions } from "../../forward/open-tcp.ts";
import type { SecretSource } from "../secret-source.ts";
import { ChannelSocket, type Carrier } from "./channel-socket.ts";
import type { HostKeys } from "./host-keys.ts";
import { describeChannelFailure } from "./channel-failure.ts";
import { offeredAlgorithms } from "./ssh-algorithms.ts";
import { describeHop, type SshHop } from "./ssh-hops.ts";
import type { SecretMemory } from "./secret-memory.ts";
import { createLogOn } from "./ssh-log-on.ts";
import { createStageLimit } from "./stage-limit.ts";

export interface SshLimits {
  /** For the key exchange and the log-on together, questions to the operator not counted. */
  readonly handshakeMs: number;
  readonly keepaliveMs: number;
  readonly keepaliveCount: number;
  /** New keys after so many bytes or so long: ssh2 never asks for them itself. */
  readonly rekeyBytes: number;
  readonly rekeyMs: number;
}

export const defaultSshLimits: SshLimits = {
  handshakeMs: 10_000,
  keepaliveMs: 15_000,
  keepaliveCount: 3,
  rekeyBytes: 1024 ** 3,
  rekeyMs: 3_600_000,
};

interface SshConnectOptions {
  readonly tunnel: string;
  readonly hop: SshHop;
  /** Connected to the server; nothing was said. */
  readonly socket: BackendSocket;
  readonly hostKeys: HostKeys;
  readonly secrets: SecretSource;
  readonly memory: SecretMemory;
  readonly limits: SshLimits;
  /** Abandons the attempt. */
  readonly signal: AbortSignal;
}

export interface SshConnection {
  open(address: HostPort, options: DialOptions): Promise<Reply<BackendSocket>>;
  /** Whether the server still answers within the limit. */
  answers(limitMs: number): Promise<boolean>;
  /** Called once, when it has ended, however it did; every channel has been reset then. */
  onEnded(listener: (why: string) => void): void;
  close(): void;
}

/** Never rejects; ends the socket where it fails. */
export function connectSsh(options: SshConnectOptions): Promise<Reply<SshConnection>> {
  const { tunnel, hop, socket, hostKeys, memory, secrets, limits, signal } = options;
  const client = new Client();
  const connection = new Connection(client, options);
  let verdict: Failure | null = null;
  let logOnStarted = false;
  const ended = new AbortController();
  return new Promise((resolve) => {
    let settled = false;
    const settle = (reply: Reply<SshConnection>): void => {
      settled = true;
      limit.clear();
      signal.removeEventListener("abort", abandon);
      resolve(reply);
    };
    /** What ends the connection after it stood is told by `Connection`. */
    const fail = (why: () => Failure): void => {
      if (settled) return;
      settle({ ok: false, failure: why() });
      ended.abort();
      socket.destroy();
    };
    const abandon = () =>
      fail(() => failure("TUNNEL_LOST", `The connection to ${describeHop(hop)} was given up.`));
    const limit = createStageLimit(limits.handshakeMs, () =>
      fail(() => failure("TUNNEL_TIMEOUT", `${describeHop(hop)} did not finish the SSH handshake in time.`)),
    );
    const logOn = createLogOn({
      tunnel,
      hop,
      secrets,
      memory,
      outsideLimit: limit.pausedFor,
      signal,
      ended: ended.signal,
      giveUp: () => fail(() => logOn.describe()),
    });
    const check = { host: { host: hop.keyName, port: hop.port }, files: hop.knownHosts };
    let trusted: Buffer | null = null;
    if (signal.aborted) return abandon();
    signal.addEventListener("abort", abandon);
    client.on("error", (error: Error & { level?: string }) => {
      // An agent that is not there is one way less to log on.
      if (error.level === "agent") return;
      connection.trouble = errorText(error);
      const refused =
        error.level === "client-authentication" || (logOnStarted && /authentication/i.test(error.message));
      fail(() => {
        if (verdict) return verdict;
        if (refused) return logOn.describe();
        return failure("TUNNEL_ANSWER_INVALID", describeHandshakeError(hop, error));
      });
    });
    client.on("close", () =>
      fail(() => verdict ?? (logOnStarted ? logOn.describe() : brokenHandshake(hop, connection.trouble))),
    );
    client.on("ready", () => settle(accept(connection)));
    client.connect({
      sock: socket,
      username: hop.user,
      algorithms: offeredAlgorithms(hostKeys.knownTypes(check)),
      // Always answered at once: after a later answer ssh2 sends what waited for the keys in the wrong shape.
      hostVerifier: (key: Buffer) => {
        // A rekey shows the key again: the same one, or the connection ends.
        if (trusted) return trusted.equals(key);
        verdict = hostKeys.judge(check, key);
        if (verdict === null) trusted = Buffer.from(key);
        return verdict === null;
      },
      authHandler: (methods, partial, next) => {
        logOnStarted = true;
        logOn.handler(methods, partial, next);
      },
      readyTimeout: 0,
      keepaliveInterval: limits.keepaliveMs,
      keepaliveCountMax: limits.keepaliveCount,
    });
  });
}

function brokenHandshake(hop: SshHop, trouble: string | null): Failure {
  const why = trouble === null ? "" : `: ${trouble}`;
  return failure(
    "TUNNEL_ANSWER_INVALID",
    `${describeHop(hop)} broke the connection off before the log-on${why}.`,
  );
}

function describeHandshakeError(hop: SshHop, error: Error): string {
  return `${describeHop(hop)} did not finish the SSH handshake: ${errorText(error).slice(0, 200)}.`;
}

/** ssh2's own protocol object: the only way to ask for new keys. */
interface Rekeying {
  readonly _protocol?: { rekey(): void };
}

const rekeyCheckMs = 1_000;

class Connection implements SshConnection, Carrier {
  /** What the client complained of last. */
  trouble: string | null = null;
  readonly #client: Client;
  readonly #socket: BackendSocket;
  readonly #options: SshConnectOptions;
  readonly #channels = new Set<ChannelSocket>();
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<(why: string) => void>();
  readonly #rekeying: NodeJS.Timeout;
  #alive = true;
  #rekeyed = { bytes: 0, at: performance.now() };

  constructor(client: Client, options: SshConnectOptions) {
    this.#client = client;
    this.#options = options;
    this.#socket = options.socket;
    // The socket may stay half open; an SSH connection may not.
    (this.#socket as Duplex).on("end", () => this.#socket.destroy());
    this.#socket.on("drain", () => this.#runWaiting());
    // Before ssh2 tells its channels, cleanly or not at all, that the connection has gone.
    client.prependListener("close", () => this.#end());
    this.#socket.prependListener("close", () => this.#end());
    this.#rekeying = setInterval(() => this.#rekeyWhenDue(), rekeyCheckMs).unref();
  }

  open(
    address: HostPort,
    { timeoutMs = defaultDialTimeoutMs, signal }: DialOptions,
  ): Promise<Reply<BackendSocket>> {
    const where = formatHostPort(address);
    const { tunnel } = this.#options;
    if (!this.#alive) return Promise.resolve(refuse("TUNNEL_LOST", `Tunnel ${tunnel} has just been lost.`));
    return new Promise((resolve) => {
      let over = false;
      const done = (reply: Reply<BackendSocket>): void => {
        over = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        resolve(reply);
      };
      const onAbort = () => done(refuse("CONNECT_FAILED", "The attempt was abandoned."));
      const timer = setTimeout(
        () =>
          done(
            refuse(
              "CONNECT_TIMEOUT",
              `${where} did not answer tunnel ${tunnel} within ${timeoutMs / 1000} s.`,
            ),
          ),
        timeoutMs,
      );
      if (signal?.aborted) return onAbort();
      signal?.addEventListener("abort", onAbort);
      this.#client.forwardOut("127.0.0.1", 0, address.host, address.port, (error, channel) => {
        if (over) return channel?.close();
        if (error) return done({ ok: false, failure: describeChannelFailure(error, where, tunnel) });
        done(accept(this.#adopt(channel)));
      });
    });
  }

  #adopt(channel: ClientChannel): ChannelSocket {
    const socket = new ChannelSocket(channel, this);
    this.#channels.add(socket);
    socket.once("close", () => this.#channels.delete(socket));
    // Until somebody joins it to a client an error must not bring the process down.
    socket.on("error", () => undefined);
    return socket;
  }

  isAlive(): boolean {
    return this.#alive;
  }

  whenWritable(then: () => void): void {
    if (this.#socket.writableNeedDrain && this.#alive) this.#waiting.add(then);
    else then();
  }

  #runWaiting(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const then of waiting) this.whenWritable(then);
  }

  answers(limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limitMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve(this.#alive);
      };
      try {
        // Nothing is forwarded from there; any answer, also a refusal, shows that the server lives.
        this.#client.unforwardIn("127.0.0.1", 1, done);
      } catch {
        resolve(false);
      }
    });
  }

  #rekeyWhenDue(): void {
    const { rekeyBytes, rekeyMs } = this.#options.limits;
    const bytes = this.#socket.bytesRead + this.#socket.bytesWritten;
    const now = performance.now();
    if (bytes - this.#rekeyed.bytes < rekeyBytes && now - this.#rekeyed.at < rekeyMs) return;
    this.#rekeyed = { bytes, at: now };
    (this.#client as Rekeying)._protocol?.rekey();
  }

  onEnded(listener: (why: string) => void): void {
    if (this.#alive) this.#listeners.add(listener);
    else listener(this.trouble ?? "the connection ended");
  }

  #end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    clearInterval(this.#rekeying);
    for (const channel of this.#channels) channel.resetAndDestroy();
    this.#channels.clear();
    this.#runWaiting();
    for (const listener of this.#listeners) listener(this.trouble ?? "the server ended the connection");
  }

  close(): void {
    this.#client.end();
    this.#end();
    this.#socket.destroy();
  }
}
