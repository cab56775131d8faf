/** Ties a bridge to the mirror: the one place that writes what the engine says into the stores. */
import type { StoreApi } from "zustand";
import type { ActivityEntry } from "../../../app/contract/activity.ts";
import type { Bridge, LinkState, LiveBridge } from "../../../app/contract/bridge.ts";
import type { Argument, CommandName, Reply, Result, SavedConfig } from "../../../app/contract/commands.ts";
import type { LiveEvent } from "../../../app/contract/live.ts";
import type { Snapshot, SnapshotChanges } from "../../../app/contract/snapshot.ts";
import type { SandboxStatus } from "../../../app/contract/sandbox.ts";
import { mergeActivity } from "../mirror/activity-log.ts";
import { applyChanges, fitOf, rowsOf } from "../mirror/apply-changes.ts";
import type { Mirror } from "../mirror/mirror-store.ts";
import { type RateHistory, sampleRates } from "../mirror/rate-history.ts";
import { rowIn } from "../mirror/row-in.ts";
import { startListing } from "./listing.ts";
import { type RateClock, startRateClock } from "./rate-clock.ts";

const retryMs = 2000;

/** A snapshot alone where the rest is as it was. */
type Wanted = "everything" | "snapshot";

interface ConnectOptions {
  readonly bridge: LiveBridge;
  readonly mirror: Pick<StoreApi<Mirror>, "getState" | "setState">;
  readonly history: Pick<StoreApi<{ readonly byRoute: RateHistory }>, "getState" | "setState">;
}

/** The bridge, whose replies reach the mirror at once, and a way to let go of it. */
export interface ConnectedBridge extends Bridge {
  /** Some screen shows connections: they are in the mirror until what this returns is called, and shortly beyond. */
  showConnections(): () => void;
  /** Fetches everything anew: after a pause in which events or samples may have been missed. */
  refresh(): void;
  disconnect(): void;
}

/**
 * Subscribes first and then fetches one snapshot, so that nothing falls between the two. Older change sets are
 * dropped; a gap in the revisions, or a lost link that came back, fetches a snapshot again.
 */
export function connectMirror(options: ConnectOptions): ConnectedBridge {
  const { bridge, mirror, history } = options;
  const clock = startRateClock(() => {
    const { ready, link, routes } = mirror.getState();
    if (ready && link === "live")
      history.setState({ byRoute: sampleRates(history.getState().byRoute, routes) });
  });
  const connection = new MirrorConnection(options, clock);
  const listing = startListing((lists) => connection.list(lists));
  const offEvent = bridge.onEvent((event) => connection.takeEvent(event));
  const offLink = bridge.onLink((link) => connection.takeLink(link));
  void connection.load();
  return {
    call: (name, argument) => connection.call(name, argument),
    onEvent: (listener) => bridge.onEvent(listener),
    onLink: (listener) => bridge.onLink(listener),
    shell: bridge.shell,
    showConnections: () => listing.show(),
    refresh: () => void connection.load(),
    disconnect() {
      listing.close();
      offEvent();
      offLink();
      clock.stop();
      connection.close();
    },
  };
}

class MirrorConnection {
  readonly #bridge: LiveBridge;
  readonly #mirror: ConnectOptions["mirror"];
  readonly #history: ConnectOptions["history"];
  readonly #clock: RateClock;
  // What arrives while a snapshot is on its way; the snapshot may be older or newer than it.
  #early: SnapshotChanges[] = [];
  #earlyActivity: ActivityEntry[] = [];
  #turns = 0;
  #loading: Wanted | null = null;
  #lists = false;
  #open = true;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor({ bridge, mirror, history }: ConnectOptions, clock: RateClock) {
    this.#bridge = bridge;
    this.#mirror = mirror;
    this.#history = history;
    this.#clock = clock;
  }

  takeEvent(event: LiveEvent): void {
    switch (event.type) {
      case "changes":
        return this.#takeChanges(event.changes);
      case "activity":
        return this.#takeActivity(event.entries);
      case "config":
        if (event.revision > (this.#mirror.getState().saved?.revision ?? -1))
          void this.call("config.get", null);
        return;
      case "sandbox":
        return this.#mirror.setState({ sandbox: event.status });
      case "secrets":
        return this.#mirror.setState({ secrets: event.kept });
      case "update":
        return this.#mirror.setState({ update: event.status });
      case "examination":
        // For the sheet that asked for it, which listens itself.
        return;
    }
  }

  takeLink(link: LinkState): void {
    const before = this.#mirror.getState().link;
    this.#mirror.setState({ link });
    if (link === "live" && before !== "live") void this.load();
  }

  async call<N extends CommandName>(name: N, argument: Argument<N>): Promise<Reply<Result<N>>> {
    const reply = await this.#bridge.call(name, argument);
    if (!reply.ok) return reply;
    if (name === "config.get" || name === "config.put" || name === "routes.enable")
      this.#adoptConfig(reply.value as SavedConfig);
    if (name.startsWith("sandbox.")) this.#mirror.setState({ sandbox: reply.value as SandboxStatus });
    return reply;
  }

  /** Whether the mirror is to have the rows of connections. */
  list(lists: boolean): void {
    this.#lists = lists;
    if (lists) return void this.load("snapshot");
    void this.#bridge.listConnections(false);
    this.#mirror.setState({ connections: null });
  }

  /** Fetches everything, or the snapshot; of several at once the last one counts. */
  async load(asked: Wanted = "everything"): Promise<void> {
    const turn = ++this.#turns;
    // What this one comes in the place of is not forgotten.
    const wanted = this.#loading === "everything" ? "everything" : asked;
    this.#loading = wanted;
    // The snapshot is taken later than these arrived, so it has them.
    this.#early = [];
    this.#earlyActivity = [];
    clearTimeout(this.#retryTimer);
    const before = this.#mirror.getState();
    const lists = this.#lists;
    const [snapshot, rest] = await Promise.all([
      fetchSnapshot(this.#bridge, lists),
      wanted === "everything" ? fetchRest(this.#bridge) : null,
    ]);
    if (this.#open && turn === this.#turns) this.#adopt(snapshot, rest, { before, lists });
  }

  close(): void {
    this.#open = false;
    clearTimeout(this.#retryTimer);
  }

  #adopt(
    snapshot: Reply<Snapshot>,
    rest: Rest | null,
    { before, lists }: { readonly before: Mirror; readonly lists: boolean },
  ): void {
    const failed = [snapshot, ...Object.values(rest ?? {})].find((reply) => !reply.ok);
    if (failed && !failed.ok) this.#mirror.setState({ loadFailure: failed.failure });
    if (!snapshot.ok || rest?.saved.ok === false) {
      this.#retryTimer = setTimeout(() => void this.load(), retryMs);
      return;
    }
    this.#loading = null;
    if (rest) this.#adoptRest(rest, before);
    this.#mirror.setState(({ link }) => ({
      // Nobody may list them any more.
      ...rowsOf(snapshot.value, lists && this.#lists),
      ready: true,
      loadFailure: null,
      link: link === "connecting" ? "live" : link,
    }));
    for (const changes of this.#early.splice(0)) this.#takeChanges(changes);
  }

  #adoptRest({ saved, activity, rates, sandbox, about, secrets, update }: Rest, before: Mirror): void {
    this.#mirror.setState((now) => ({
      activity: activity.ok ? mergeActivity(activity.value, this.#earlyActivity) : now.activity,
      ...(sandbox.ok && { sandbox: sandbox.value }),
      ...(about.ok && { about: about.value }),
      ...(secrets.ok && { secrets: secrets.value }),
      // An event that came meanwhile is newer.
      ...(update.ok && now.update === before.update && { update: update.value }),
      // A restarted server counts its revisions anew, so the fetched one wins unless a reply came in meanwhile.
      ...(saved.ok && now.saved === before.saved && { saved: saved.value }),
    }));
    if (saved.ok) this.#adoptConfig(saved.value);
    if (rates.ok) this.#history.setState({ byRoute: rates.value });
  }

  #adoptConfig(saved: SavedConfig): void {
    const known = this.#mirror.getState().saved;
    if (!known || saved.revision >= known.revision) this.#mirror.setState({ saved });
  }

  #takeChanges(changes: SnapshotChanges): void {
    if (this.#loading) {
      this.#early.push(changes);
      return;
    }
    const state = this.#mirror.getState();
    const fit = fitOf(state.revision, changes.revision);
    if (fit === "gap") void this.load();
    if (fit !== "next") return;
    this.#mirror.setState(applyChanges(state, changes));
    if (hasNewRates(state, changes)) this.#clock.renewed();
  }

  #takeActivity(entries: readonly ActivityEntry[]): void {
    if (this.#loading) this.#earlyActivity.push(...entries);
    this.#mirror.setState((before) => ({ activity: mergeActivity(before.activity, entries) }));
  }
}

function hasNewRates({ routes }: Mirror, changes: SnapshotChanges): boolean {
  return (changes.routes?.set ?? []).some(({ id, rate }) => {
    const before = rowIn(routes, id)?.rate;
    return before && (rate.toClient !== before.toClient || rate.toBackend !== before.toBackend);
  });
}

/** Rows of connections are asked for once their changes are told, so that none falls between the two. */
async function fetchSnapshot(bridge: LiveBridge, lists: boolean): Promise<Reply<Snapshot>> {
  if (lists) await bridge.listConnections(true);
  return bridge.call("snapshot.get", { connections: lists });
}

type Rest = Awaited<ReturnType<typeof fetchRest>>;

async function fetchRest(bridge: Bridge) {
  const [saved, activity, rates, sandbox, about, secrets, update] = await Promise.all([
    bridge.call("config.get", null),
    bridge.call("activity.list", null),
    bridge.call("history.get", null),
    bridge.call("sandbox.status", null),
    bridge.call("about.get", null),
    bridge.call("secrets.list", null),
    bridge.call("update.status", null),
  ]);
  return { saved, activity, rates, sandbox, about, secrets, update };
}
