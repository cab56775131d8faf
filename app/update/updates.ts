/** Asks for new versions when the operator says so, and fetches one; installing it is theirs. */
import type { UpdateStage, UpdateStatus } from "../contract/update.ts";
import type { Reply } from "../contract/commands.ts";
import { fetchHttps, type FetchLimits } from "./fetch-https.ts";
import { judgeManifest, type Offer, type RunningShunt } from "./judge-manifest.ts";
import { savePackage } from "./save-package.ts";
import { longestFeedBytes, openSignedManifest } from "./signed-manifest.ts";
import type { UpdateSource } from "./update-source.ts";

/** What outlives the program. */
export interface UpdateMemory {
  readonly daily: boolean;
  readonly askedAt: string | null;
}

export interface UpdatesOptions {
  readonly source: UpdateSource;
  readonly running: RunningShunt;
  readonly memory: { get(): UpdateMemory; set(next: UpdateMemory): void };
  /** Where packages go. */
  readonly folder: () => string;
  readonly now?: () => number;
  readonly feedLimits?: Omit<FetchLimits, "bytes">;
  readonly packageLimits?: Omit<FetchLimits, "bytes">;
}

export interface Updates {
  status(): UpdateStatus;
  /** Does nothing while something is under way. */
  check(): Promise<void>;
  /** False where there is nothing to fetch. */
  download(): Promise<boolean>;
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>;
  setDaily(on: boolean): void;
  /** True where the operator wants it, nothing newer waits for them, and nothing was asked for a day. */
  isCheckDue(): boolean;
  onChange(listener: (status: UpdateStatus) => void): void;
}

const dayMs = 86_400_000;
const progressMs = 250;

export function createUpdates(options: UpdatesOptions): Updates {
  const { source, memory, folder, now = Date.now } = options;
  const { feedLimits = { idleMs: 10_000, wholeMs: 30_000 } } = options;
  const { packageLimits = { idleMs: 30_000, wholeMs: 3_600_000 } } = options;
  const listeners: ((status: UpdateStatus) => void)[] = [];
  let stage: UpdateStage = { is: "idle" };
  let offer: Offer | null = null;
  let work: { readonly stopping: AbortController; readonly done: Promise<void> } | null = null;

  const status = (): UpdateStatus => ({
    feed: source.feed,
    channel: source.channel,
    ...memory.get(),
    stage,
  });
  const tell = () => listeners.forEach((listener) => listener(status()));
  const become = (next: UpdateStage) => {
    stage = next;
    tell();
  };

  /** One thing at a time; what was there before comes back where the operator stops it. */
  async function run(step: (signal: AbortSignal) => Promise<UpdateStage>): Promise<void> {
    if (work) return work.done;
    const stopping = new AbortController();
    const before = stage;
    const done = step(stopping.signal)
      .finally(() => (work = null))
      .then((next) => become(stopping.signal.aborted ? before : next));
    work = { stopping, done };
    return done;
  }

  const failed = (reply: Reply<unknown> & { ok: false }): UpdateStage => ({
    is: "failed",
    failure: reply.failure,
    release: offer?.release ?? null,
  });

  async function ask(signal: AbortSignal): Promise<UpdateStage> {
    const saved = stage.is === "saved" ? stage : null;
    memory.set({ ...memory.get(), askedAt: new Date(now()).toISOString() });
    become({ is: "checking" });
    const judged = await askFeed(options, feedLimits, signal);
    if (signal.aborted) return stage;
    offer = judged.ok ? judged.value : null;
    if (!judged.ok) return failed(judged);
    if (offer === null) return { is: "current" };
    return saved?.release.version === offer.release.version ? saved : { is: "newer", release: offer.release };
  }

  async function fetchPackage(wanted: Offer, signal: AbortSignal): Promise<UpdateStage> {
    const { release } = wanted;
    const into = folder();
    become({ is: "downloading", release, receivedBytes: 0 });
    let told = stage;
    const pace = setInterval(() => {
      if (told !== stage) tell();
      told = stage;
    }, progressMs);
    const saved = await savePackage({
      source,
      offer: wanted,
      folder: into,
      limits: packageLimits,
      signal,
      onProgress: (receivedBytes) => void (stage = { is: "downloading", release, receivedBytes }),
    }).finally(() => clearInterval(pace));
    return saved.ok ? { is: "saved", release, path: saved.value } : failed(saved);
  }

  return {
    status,
    check: () => run(ask),
    async download() {
      const wanted = offer;
      if (wanted === null || stage.is === "checking") return false;
      await run((signal) => fetchPackage(wanted, signal));
      return true;
    },
    async stop() {
      work?.stopping.abort();
      await work?.done;
    },
    setDaily(on) {
      memory.set({ ...memory.get(), daily: on });
      tell();
    },
    isCheckDue() {
      const { daily, askedAt } = memory.get();
      const waits = stage.is === "newer" || stage.is === "saved" || work !== null;
      return daily && !waits && (askedAt === null || Math.abs(now() - Date.parse(askedAt)) >= dayMs);
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

async function askFeed(
  { source, running }: UpdatesOptions,
  limits: Omit<FetchLimits, "bytes">,
  signal: AbortSignal,
): Promise<Reply<Offer | null>> {
  const chunks: Buffer[] = [];
  const fetched = await fetchHttps({
    url: new URL(source.feed),
    authorities: source.authorities,
    limits: { ...limits, bytes: longestFeedBytes },
    signal,
    take: async (chunk) => void chunks.push(chunk),
  });
  if (!fetched.ok) return fetched;
  const opened = openSignedManifest(Buffer.concat(chunks), source.publicKeys);
  return opened.ok ? judgeManifest(opened.value, source.channel, running) : opened;
}
