/** The opened Galvanometers behind the engine's door: scopes, the forward proxy that serves them, and their end. */
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig } from "../contract/config.ts";
import type { RefusedTarget, UncoveredPeer } from "../contract/galvanometer.ts";
import type { ConnectionStatus } from "../contract/snapshot.ts";
import { formatHostPort, parseEndpoint } from "../config/address.ts";
import { accept, errorText, refuse } from "../failures.ts";
import { isReadOnly } from "../http/read-only.ts";
import { isRelativeHost, parseAuthority } from "./authority.ts";
import { CarriedConnections } from "./carried.ts";
import { createForwardProxy } from "./forward-proxy.ts";
import type { Asked } from "./judge-request.ts";
import { Scope, type ScopeNeeds } from "./scope.ts";

/** How to use one scope of the forward proxy. Plain data; the password is for the session that it was made for. */
export interface OpenedGalvanometer {
  readonly id: string;
  /** As it is in force. */
  readonly backend: BackendConfig;
  /** All of them, as they are in force. */
  readonly backends: readonly BackendConfig[];
  /** Null where the instance speaks none. */
  readonly tls: GalvanometerTls | null;
  /** Instances with and without TLS on admin are polled: an https page cannot poll the latter. */
  readonly mixed: boolean;
  readonly readOnly: boolean;
  /** The page: `http://amps-prod-1:8085/`. */
  readonly address: string;
  /** On 127.0.0.1. */
  readonly proxyPort: number;
  readonly user: string;
  readonly password: string;
  readonly uncovered: readonly UncoveredPeer[];
}

/**
 * Who speaks TLS to an https instance. `passthrough`: the browser, end to end. `originate`: Shunt, and the page is on
 * http://, so that client certificates and instances with and without TLS side by side work.
 */
export type GalvanometerTls = "passthrough" | "originate";

export interface GalvanometerOptions {
  /** See `Rights`: the one who opens it judges every URL by `judgeGalvanometer` before it is asked for. */
  readonly fenced: boolean;
  /** Default `passthrough`; without a fence it is always `originate`, since Shunt must see each request. */
  readonly tls?: GalvanometerTls;
}

interface GalvanometersOptions extends Omit<ScopeNeeds, "carried"> {
  readonly answerTimeoutMs?: number;
  /** Which backends have a Galvanometer open has changed. */
  readonly onChange: () => void;
  /** A connection was opened or has ended. */
  readonly onConnections: () => void;
}

/** Opening waits so long for statistics; what comes later is learnt on the way. */
const learnLimitMs = 2_000;
const longestUnlockMs = 60 * 60_000;

export class Galvanometers {
  readonly #options: GalvanometersOptions;
  readonly #needs: ScopeNeeds;
  readonly #carried: CarriedConnections;
  readonly #scopes = new Map<string, Scope>();
  readonly #locks = new Map<string, NodeJS.Timeout>();
  readonly #proxy;

  constructor(options: GalvanometersOptions) {
    this.#options = options;
    this.#carried = new CarriedConnections(options.onConnections);
    this.#needs = { ...options, carried: this.#carried };
    this.#proxy = createForwardProxy(this.#scopes, options.answerTimeoutMs);
  }

  async open(
    id: string,
    { fenced, tls = "passthrough" }: GalvanometerOptions,
  ): Promise<Reply<OpenedGalvanometer>> {
    const backend = this.#options.config().backends.find((one) => one.id === id);
    if (!backend) return refuse("NOT_FOUND", `There is no backend ${id}.`);
    const admin = backend.admin === undefined ? null : parseEndpoint("admin", backend.admin);
    if (!admin)
      return refuse(
        "ENDPOINT_MISSING",
        `Backend ${id} has no admin endpoint, which serves the Galvanometer.`,
      );
    const scope = new Scope(backend, fenced, this.#needs);
    let proxyPort: number;
    try {
      proxyPort = await this.#proxy.port();
    } catch (error) {
      return refuse("LISTEN_FAILED", `The forward proxy cannot listen: ${errorText(error)}.`);
    }
    this.#scopes.set(scope.user, scope);
    await Promise.race([scope.askPeers(), after(learnLimitMs)]);
    const spoken = admin.tls ? (fenced ? tls : "originate") : null;
    const scheme = spoken === "passthrough" ? "https" : "http";
    const uncovered = uncoveredOf(scope);
    this.#tellOpened(id, uncovered);
    this.#options.onChange();
    const { user, password } = scope;
    const page = formatHostPort({ host: admin.host.toLowerCase().replace(/\.$/, ""), port: admin.port });
    return accept({
      id: scope.id,
      backend,
      backends: this.#options.config().backends,
      tls: spoken,
      mixed: admin.tls && isMixed(scope),
      readOnly: isReadOnly(backend),
      address: `${scheme}://${page}/`,
      proxyPort,
      user,
      password,
      uncovered,
    });
  }

  /** What the statistics of a backend name beside the backends; opens nothing. */
  async peers(id: string): Promise<Reply<readonly UncoveredPeer[]>> {
    const backend = this.#options.config().backends.find((one) => one.id === id);
    if (!backend) return refuse("NOT_FOUND", `There is no backend ${id}.`);
    const scope = new Scope(backend, false, this.#needs);
    await Promise.race([scope.askPeers(), after(learnLimitMs)]);
    return accept(uncoveredOf(scope));
  }

  #tellOpened(backend: string, uncovered: readonly UncoveredPeer[]): void {
    const others = uncovered
      .map(({ name, admin }) => (name === "" ? admin : `${name} (${admin})`))
      .join(", ");
    const message =
      others === ""
        ? `The Galvanometer of ${backend} was opened.`
        : `The Galvanometer of ${backend} was opened. Its statistics also name ${others}, which no backend covers.`;
    this.#options.note({ event: "galvanometer-opened", severity: "info", backend, message });
  }

  /** The rule of the forward proxy, for a window that judges each URL before it is asked for. */
  async judge(id: string, asked: Asked): Promise<Reply<null>> {
    const scope = this.#of(id);
    if (!scope) return refuse("NOT_FOUND", "This Galvanometer has been closed.");
    const verdict = await scope.judge(asked);
    return verdict.ok ? accept(null) : verdict;
  }

  /** Allows administrative actions on a read-only backend for a while; 0 takes it back. The operator has confirmed it. */
  unlock(id: string, durationMs: number): Reply<{ until: string | null }> {
    const scope = this.#of(id);
    if (!scope) return refuse("NOT_FOUND", "This Galvanometer has been closed.");
    const { backend } = scope;
    const untilMs = this.#options.now() + Math.min(durationMs, longestUnlockMs);
    clearTimeout(this.#locks.get(id));
    scope.unlock(durationMs > 0 ? untilMs : 0);
    if (durationMs <= 0) {
      this.#tellLocked(id, backend);
      return accept({ until: null });
    }
    const timer = setTimeout(() => this.#tellLocked(id, backend), untilMs - this.#options.now());
    this.#locks.set(id, timer.unref());
    const minutes = Math.round(Math.min(durationMs, longestUnlockMs) / 60_000);
    this.#options.note({
      event: "galvanometer-unlocked",
      severity: "warning",
      backend,
      message: `Administrative actions on ${backend} were unlocked by the operator for ${minutes} min, in its Galvanometer window only.`,
    });
    return accept({ until: new Date(untilMs).toISOString() });
  }

  #tellLocked(id: string, backend: string): void {
    this.#locks.delete(id);
    this.#options.note({
      event: "galvanometer-locked",
      severity: "info",
      backend,
      message: `Administrative actions on ${backend} are locked again.`,
    });
  }

  /** Lets the open Galvanometers of a backend reach one more address. The operator has confirmed it. */
  allow(backend: string, { address, use }: RefusedTarget): Reply<null> {
    const parsed = parseAuthority(address, null);
    if (!parsed || isRelativeHost(parsed.host))
      return refuse(
        "BAD_ARGUMENT",
        `${JSON.stringify(address.slice(0, 120))} is no host:port of another machine.`,
      );
    const scopes = [...this.#scopes.values()].filter((scope) => scope.backend === backend);
    if (scopes.length === 0) return refuse("NOT_FOUND", `No Galvanometer of ${backend} is open any more.`);
    for (const scope of scopes) scope.allow({ address: parsed, use });
    this.#options.note({
      event: "galvanometer-allowed",
      severity: "warning",
      backend,
      message: `The Galvanometer of ${backend} may reach ${formatHostPort(parsed)} until it is closed, by the operator's word.`,
    });
    return accept(null);
  }

  /** What is open to instances now. */
  connections(): readonly ConnectionStatus[] {
    return this.#carried.statuses();
  }

  /** Ends one connection by the operator's wish; false where there is none of that id. */
  cut(id: string): boolean {
    const backend = this.#carried.cut(id);
    if (backend === null) return false;
    this.#options.note({
      event: "connection-cut",
      severity: "info",
      backend,
      connection: id,
      message: `A connection of a Galvanometer to ${backend} was closed by the operator.`,
    });
    return true;
  }

  close(id: string): void {
    const scope = this.#of(id);
    if (!scope) return;
    this.#scopes.delete(scope.user);
    clearTimeout(this.#locks.get(id));
    this.#locks.delete(id);
    scope.end();
    this.#options.note({
      event: "galvanometer-closed",
      severity: "info",
      backend: scope.backend,
      message: `The Galvanometer of ${scope.backend} was closed.`,
    });
    this.#options.onChange();
  }

  /** True while a Galvanometer of the backend is open: its admin endpoint is then in use. */
  isOpen(backend: string): boolean {
    return [...this.#scopes.values()].some((scope) => scope.backend === backend);
  }

  /** The configuration has changed: what it allows no more ends. */
  review(): void {
    this.#proxy.review();
  }

  async closeAll(): Promise<void> {
    for (const scope of [...this.#scopes.values()]) this.close(scope.id);
    await this.#proxy.close();
    await this.#carried.idle();
  }

  #of(id: string): Scope | undefined {
    return [...this.#scopes.values()].find((scope) => scope.id === id);
  }
}

function isMixed(scope: Scope): boolean {
  return scope.polled().some(({ tls }) => !tls);
}

/** What the page would poll and no backend covers, ready to be added. */
function uncoveredOf(scope: Scope): readonly UncoveredPeer[] {
  const book = scope.book();
  return (book?.uncovered ?? []).map(({ name, address, tls }) => {
    const secure = tls ?? book?.places.get(formatHostPort(address))?.tls ?? false;
    return { name, admin: `${secure ? "https" : "http"}://${formatHostPort(address)}` };
  });
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
