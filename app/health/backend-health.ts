/** Whether backends take connections: probed at intervals, and learned at once from every dial that routes make. */
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { EndpointStatus, Health } from "../contract/snapshot.ts";
import { parseEndpoint } from "../config/address.ts";
import { endpointKinds } from "../config/endpoint-kinds.ts";
import { isOwnShortage } from "../failures.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import type { Dial } from "../forward/dial.ts";
import { probeAdmin } from "./probe-admin.ts";

const probeTimeoutMs = 5_000;
/** After an answer that speaks against what is known, so that the next one decides soon. */
const recheckMs = 1_000;

interface HealthOptions {
  readonly dial: Dial;
  readonly note: (note: ActivityNote) => void;
  readonly onChange: () => void;
  /** Between probes of an endpoint that is up. Default 10,000. */
  readonly intervalMs?: number;
  /** Between probes of one that is down, so that its return is seen soon. Default 3,000. */
  readonly downIntervalMs?: number;
  /** So many failures in a row, of probes and of dials, make an endpoint that was up down. Default 2. */
  readonly fall?: number;
  /** So many successes in a row make one that was down up. Default 2. */
  readonly rise?: number;
}

interface BackendHealth {
  readonly health: Health;
  readonly reason: string | null;
  readonly instanceName: string | null;
  readonly endpoints: readonly EndpointStatus[];
}

interface Watched {
  backend: BackendConfig;
  readonly kind: EndpointKind;
  url: string;
  used: boolean;
  health: Health;
  /** Answers in a row that speak against `health`. */
  against: number;
  reason: string | null;
  latencyMs: number | null;
  checkedAt: string | null;
  instanceName: string | null;
  timer: NodeJS.Timeout | null;
  probing: Promise<void> | null;
}

export class BackendHealthWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #options: Required<HealthOptions>;
  #closed = false;

  constructor(options: HealthOptions) {
    this.#options = { intervalMs: 10_000, downIntervalMs: 3_000, fall: 2, rise: 2, ...options };
  }

  /** `uses`: which endpoints enabled routes need; the others are not probed. A changed endpoint starts afresh. */
  update(backends: readonly BackendConfig[], uses: (backend: string, kind: EndpointKind) => boolean): void {
    const wanted = new Set<string>();
    for (const backend of backends) {
      for (const kind of endpointKinds) {
        const url = backend[kind];
        if (url === undefined) continue;
        const key = `${backend.id} ${kind}`;
        wanted.add(key);
        this.#watch(key, backend, kind, url, uses(backend.id, kind));
      }
    }
    for (const [key, watched] of this.#watched) {
      if (wanted.has(key)) continue;
      if (watched.timer) clearTimeout(watched.timer);
      this.#watched.delete(key);
    }
  }

  #watch(key: string, backend: BackendConfig, kind: EndpointKind, url: string, used: boolean): void {
    const known = this.#watched.get(key);
    const same =
      known &&
      known.url === url &&
      known.backend.via === backend.via &&
      JSON.stringify(known.backend.tls) === JSON.stringify(backend.tls);
    if (known && same) {
      known.backend = backend;
      const started = used && !known.used;
      known.used = used;
      if (started) this.#schedule(known, 0);
      return;
    }
    if (known?.timer) clearTimeout(known.timer);
    const fresh: Watched = {
      backend,
      kind,
      url,
      used,
      health: "unknown",
      against: 0,
      reason: null,
      latencyMs: null,
      checkedAt: null,
      instanceName: null,
      timer: null,
      probing: null,
    };
    this.#watched.set(key, fresh);
    if (used) this.#schedule(fresh, 0);
  }

  #schedule(watched: Watched, delayMs: number): void {
    if (watched.timer) clearTimeout(watched.timer);
    watched.timer = setTimeout(() => void this.#probe(watched), delayMs).unref();
  }

  /** Probes all endpoints of a backend now; resolves when all have answered or failed. */
  async probe(backend: string): Promise<void> {
    await Promise.all(this.#of(backend).map((watched) => this.#probe(watched)));
  }

  #probe(watched: Watched): Promise<void> {
    watched.probing ??= this.#probeOnce(watched).finally(() => {
      watched.probing = null;
      if (watched.used && !this.#closed && this.#isCurrent(watched))
        this.#schedule(watched, this.#nextProbeMs(watched) * (0.9 + Math.random() * 0.2));
    });
    return watched.probing;
  }

  #nextProbeMs({ health, against }: Watched): number {
    const { intervalMs, downIntervalMs } = this.#options;
    const usual = health === "down" ? downIntervalMs : intervalMs;
    return against > 0 ? Math.min(recheckMs, usual) : usual;
  }

  async #probeOnce(watched: Watched): Promise<void> {
    const started = performance.now();
    const { backend, kind } = watched;
    const reply = await this.#options.dial(backend, kind, { timeoutMs: probeTimeoutMs });
    if (!reply.ok && isOwnShortage(reply.failure)) return;
    if (!reply.ok) return this.#learn(watched, "down", reply.failure.message, null);
    const latencyMs = performance.now() - started;
    if (kind !== "admin") {
      reply.value.destroy();
      return this.#learn(watched, "up", null, latencyMs);
    }
    const authority = parseEndpoint("admin", watched.url)?.authority ?? "";
    const answer = await probeAdmin(reply.value, authority, probeTimeoutMs);
    watched.instanceName = answer.instanceName ?? watched.instanceName;
    this.#learn(watched, answer.health, answer.reason, performance.now() - started);
  }

  /** What a route's own dial met; a refused dial counts at once. */
  noteDial(backend: string, kind: EndpointKind, failure: Failure | null): void {
    const watched = this.#watched.get(`${backend} ${kind}`);
    if (!watched || (failure && isOwnShortage(failure))) return;
    if (failure) this.#learn(watched, "down", failure.message, null);
    else if (watched.health !== "up") this.#learn(watched, "up", null, null);
    if ((failure || watched.against > 0) && watched.used && !watched.probing)
      this.#schedule(watched, this.#nextProbeMs(watched));
  }

  #isCurrent(watched: Watched): boolean {
    return this.#watched.get(`${watched.backend.id} ${watched.kind}`) === watched;
  }

  #learn(watched: Watched, health: Health, reason: string | null, latencyMs: number | null): void {
    if (this.#closed || !this.#isCurrent(watched)) return;
    const before = watched.health;
    if (!this.#isDecided(watched, health)) {
      watched.checkedAt = new Date().toISOString();
      this.#options.onChange();
      return;
    }
    watched.health = health;
    watched.reason = reason;
    watched.latencyMs =
      latencyMs === null ? (health === "down" ? null : watched.latencyMs) : Math.round(latencyMs * 10) / 10;
    watched.checkedAt = new Date().toISOString();
    if (before !== health) this.#tell(watched, before);
    this.#options.onChange();
  }

  /** False while fewer answers than `fall` or `rise` speak against what is known. */
  #isDecided(watched: Watched, health: Health): boolean {
    const turns = watched.health !== "unknown" && (watched.health === "down") !== (health === "down");
    watched.against = turns ? watched.against + 1 : 0;
    const { fall, rise } = this.#options;
    if (!turns || watched.against >= (health === "down" ? fall : rise)) {
      watched.against = 0;
      return true;
    }
    return false;
  }

  #tell({ backend, kind, url, health, reason }: Watched, before: Health): void {
    const common = { backend: backend.id };
    if (health === "down")
      this.#options.note({
        ...common,
        event: "backend-down",
        severity: "error",
        message: `${backend.id} ${kind} (${url}) is down: ${reason ?? "no reason known"}`,
      });
    else if (before === "down")
      this.#options.note({
        ...common,
        event: "backend-up",
        severity: "info",
        message: `${backend.id} ${kind} (${url}) is up again.`,
      });
  }

  #of(backend: string): readonly Watched[] {
    return endpointKinds
      .map((kind) => this.#watched.get(`${backend} ${kind}`))
      .filter((watched) => watched !== undefined);
  }

  status(backend: string): BackendHealth {
    const watched = this.#of(backend);
    const known = watched.filter((one) => one.used || one.health !== "unknown");
    const { health, reason } = combineHealth(
      known.map((one) => ({
        health: one.health,
        reason: one.reason === null ? null : `${one.kind}: ${one.reason}`,
      })),
    );
    return {
      health,
      reason:
        watched.length > 0 && known.length === 0 ? "Not used by an enabled route, so not probed." : reason,
      instanceName: watched.find((one) => one.instanceName !== null)?.instanceName ?? null,
      endpoints: watched.map(({ kind, url, health: own, reason: why, latencyMs, checkedAt }) => ({
        kind,
        url,
        health: own,
        reason: why,
        latencyMs,
        checkedAt,
      })),
    };
  }

  /** The health of some of a backend's endpoints together. */
  of(
    backend: string,
    kinds: readonly EndpointKind[],
  ): { readonly health: Health; readonly reason: string | null } {
    return combineHealth(this.#of(backend).filter((watched) => kinds.includes(watched.kind)));
  }

  close(): void {
    this.#closed = true;
    for (const watched of this.#watched.values()) if (watched.timer) clearTimeout(watched.timer);
  }
}

export interface HealthReason {
  readonly health: Health;
  readonly reason: string | null;
}

/** All up is up, all down is down, some down is degraded; not known is not guessed. */
export function combineHealth(parts: readonly HealthReason[]): HealthReason {
  const bad =
    parts.find((part) => part.health === "down") ?? parts.find((part) => part.health === "degraded");
  if (!bad) {
    const unknown = parts.length === 0 || parts.some((part) => part.health === "unknown");
    return {
      health: unknown ? "unknown" : "up",
      reason: parts.find((part) => part.reason !== null)?.reason ?? null,
    };
  }
  const health = parts.every((part) => part.health === "down") ? "down" : "degraded";
  return { health, reason: bad.reason };
}
