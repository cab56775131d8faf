/** Reads the statistics of the backends in use, each at its own sampling interval and never faster (amps-facts 7). */
import type { BackendConfig } from "../contract/config.ts";
import type { BackendLoad } from "../contract/snapshot.ts";
import type { Dial } from "../forward/dial.ts";
import { openAdminReader } from "./admin-reader.ts";
import { takeSample, type StatisticsSample } from "./sample.ts";

/** AMPS's own default, for as long as the instance's is not known. */
const defaultIntervalMs = 10_000;
const readingTimeoutMs = 8_000;
const longestDocumentBytes = 8 * 1024 * 1024;
/** After a list of clients that could not be read, so many readings do without it. */
const clientsPauseReadings = 10;

export interface StatisticsWatchOptions {
  readonly dial: Dial;
  readonly onSample: (backend: string, sample: StatisticsSample) => void;
  readonly onFailed: (backend: string, reason: string) => void;
  readonly now?: () => number;
  /** Before a backend's first reading. Default 0. */
  readonly delayMs?: number;
  /** AMPS's smallest interval is 1,000, and so is the default. */
  readonly shortestIntervalMs?: number;
  readonly timeoutMs?: number;
}

interface StatisticsStatus {
  /** The instance's own name, as it last said. */
  readonly name: string | null;
  /** The newest load that could be read. */
  readonly load: BackendLoad | null;
  readonly intervalMs: number;
  readonly sampledAtMs: number | null;
  /** Why the newest reading failed. */
  readonly reason: string | null;
}

interface Watched {
  backend: BackendConfig;
  name: string | null;
  intervalMs: number;
  load: BackendLoad | null;
  sampledAtMs: number | null;
  reason: string | null;
  readonly ended: AbortController;
  timer: NodeJS.Timeout | null;
  skipClients: number;
}

export class StatisticsWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #options: Required<StatisticsWatchOptions>;

  constructor(options: StatisticsWatchOptions) {
    this.#options = {
      now: Date.now,
      delayMs: 0,
      shortestIntervalMs: 1_000,
      timeoutMs: readingTimeoutMs,
      ...options,
    };
  }

  /** Watches these backends and no others; one whose admin endpoint is another now starts afresh. */
  update(backends: readonly BackendConfig[]): void {
    const wanted = new Map(
      backends.filter((backend) => backend.admin).map((backend) => [backend.id, backend]),
    );
    for (const [id, watched] of this.#watched) {
      const backend = wanted.get(id);
      if (backend && sameAdmin(backend, watched.backend)) watched.backend = backend;
      else this.#end(id, watched);
    }
    for (const [id, backend] of wanted) if (!this.#watched.has(id)) this.#begin(id, backend);
  }

  status(backend: string): StatisticsStatus | null {
    return this.#watched.get(backend) ?? null;
  }

  close(): void {
    for (const [id, watched] of this.#watched) this.#end(id, watched);
  }

  #begin(id: string, backend: BackendConfig): void {
    const watched: Watched = {
      backend,
      name: null,
      intervalMs: defaultIntervalMs,
      load: null,
      sampledAtMs: null,
      reason: null,
      ended: new AbortController(),
      timer: null,
      skipClients: 0,
    };
    this.#watched.set(id, watched);
    this.#schedule(watched, this.#options.delayMs);
  }

  #end(id: string, watched: Watched): void {
    watched.ended.abort();
    if (watched.timer) clearTimeout(watched.timer);
    this.#watched.delete(id);
  }

  #schedule(watched: Watched, delayMs: number): void {
    watched.timer = setTimeout(() => void this.#read(watched), delayMs).unref();
  }

  async #read(watched: Watched): Promise<void> {
    const { dial, now, timeoutMs } = this.#options;
    const startedMs = performance.now();
    const reader = openAdminReader({
      dial,
      backend: watched.backend,
      // Far away, through a tunnel, a reading may last longer than an interval.
      timeoutMs: Math.min(timeoutMs, 2 * watched.intervalMs),
      longestBytes: longestDocumentBytes,
    });
    const endEarly = () => reader.close();
    watched.ended.signal.addEventListener("abort", endEarly);
    const sample = await takeSample({ reader, now, withClients: watched.skipClients === 0 });
    watched.ended.signal.removeEventListener("abort", endEarly);
    reader.close();
    if (watched.ended.signal.aborted) return;
    if ("reason" in sample) this.#failed(watched, sample.reason);
    else this.#sampled(watched, sample);
    const spentMs = performance.now() - startedMs;
    this.#schedule(watched, Math.max(watched.intervalMs - spentMs, watched.intervalMs / 10) + 5);
  }

  #failed(watched: Watched, reason: string): void {
    watched.reason = reason;
    this.#options.onFailed(watched.backend.id, reason);
  }

  #sampled(watched: Watched, sample: StatisticsSample): void {
    const { shortestIntervalMs } = this.#options;
    watched.intervalMs = Math.max(sample.intervalMs ?? defaultIntervalMs, shortestIntervalMs);
    watched.sampledAtMs = sample.atMs;
    watched.name = sample.name ?? watched.name;
    watched.reason = sample.linksReason;
    const skipped = watched.skipClients > 0;
    if (skipped) watched.skipClients--;
    else if (sample.load.clients === null) watched.skipClients = clientsPauseReadings;
    watched.load = { ...sample.load, at: new Date(sample.atMs).toISOString() };
    this.#options.onSample(watched.backend.id, { ...sample, intervalMs: watched.intervalMs });
  }
}

function sameAdmin(one: BackendConfig, other: BackendConfig): boolean {
  return (
    one.admin === other.admin &&
    one.via === other.via &&
    JSON.stringify(one.tls) === JSON.stringify(other.tls)
  );
}
