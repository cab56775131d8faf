/** Ties a bridge to the mirror: the one place that writes what the engine says into the stores. */
import type { StoreApi } from "zustand";
import type { ActivityEntry } from "../../../app/contract/activity.ts";
import type { Bridge, LinkState } from "../../../app/contract/bridge.ts";
import type { Argument, CommandName, Reply, Result, SavedConfig } from "../../../app/contract/commands.ts";
import type { LiveEvent } from "../../../app/contract/live.ts";
import type { SnapshotChanges } from "../../../app/contract/snapshot.ts";
import type { SandboxStatus } from "../../../app/contract/sandbox.ts";
import { mergeActivity } from "../mirror/activity-log.ts";
import { applyChanges, fitOf, rowsOf } from "../mirror/apply-changes.ts";
import type { Mirror } from "../mirror/mirror-store.ts";
import { type RateHistory, sampleRates } from "../mirror/rate-history.ts";

const retryMs = 2000;
const sampleMs = 1000;

export interface ConnectOptions {
  readonly bridge: Bridge;
  readonly mirror: Pick<StoreApi<Mirror>, "getState" | "setState">;
  readonly history: Pick<StoreApi<{ readonly byRoute: RateHistory }>, "getState" | "setState">;
}

/** The same bridge, whose replies reach the mirror at once, and a way to let go of it. */
export interface ConnectedBridge extends Bridge {
  /** Fetches everything anew: after a pause in which events or samples may have been missed. */
  refresh(): void;
  disconnect(): void;
}

/**
 * Subscribes first and then fetches one snapshot, so that nothing falls between the two. Older change sets are
 * dropped; a gap in the revisions, or a lost link that came back, fetches a snapshot again.
 */
export function connectMirror({ bridge, mirror, history }: ConnectOptions): ConnectedBridge {
  // What arrives while a snapshot is on its way; the snapshot may be older or newer than it.
  let early: SnapshotChanges[] = [];
  let earlyActivity: ActivityEntry[] = [];
  let turns = 0;
  let loading = false;
  let open = true;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const adoptConfig = (saved: SavedConfig): void => {
    const known = mirror.getState().saved;
    if (!known || saved.revision >= known.revision) mirror.setState({ saved });
  };
  const adoptSandbox = (sandbox: SandboxStatus): void => mirror.setState({ sandbox });

  function takeChanges(changes: SnapshotChanges): void {
    const state = mirror.getState();
    if (loading) {
      early.push(changes);
      return;
    }
    const fit = fitOf(state.revision, changes.revision);
    if (fit === "next") mirror.setState(applyChanges(state, changes));
    else if (fit === "gap") void load();
  }

  function takeActivity(entries: readonly ActivityEntry[]): void {
    if (loading) earlyActivity.push(...entries);
    mirror.setState((before) => ({ activity: mergeActivity(before.activity, entries) }));
  }

  async function load(): Promise<void> {
    const turn = ++turns;
    loading = true;
    // The snapshot is taken later than these arrived, so it has them.
    early = [];
    earlyActivity = [];
    clearTimeout(retryTimer);
    const { saved: savedBefore, update: updateBefore } = mirror.getState();
    const [snapshot, saved, activity, rates, sandbox, about, secrets, update] = await Promise.all([
      bridge.call("snapshot.get", null),
      bridge.call("config.get", null),
      bridge.call("activity.list", null),
      bridge.call("history.get", null),
      bridge.call("sandbox.status", null),
      bridge.call("about.get", null),
      bridge.call("secrets.list", null),
      bridge.call("update.status", null),
    ]);
    if (!open || turn !== turns) return;
    const replies = [snapshot, saved, activity, rates, sandbox, about, secrets, update];
    const failed = replies.find((reply) => !reply.ok);
    if (failed && !failed.ok) mirror.setState({ loadFailure: failed.failure });
    if (!snapshot.ok || !saved.ok) {
      retryTimer = setTimeout(() => void load(), retryMs);
      return;
    }
    loading = false;
    mirror.setState((before) => ({
      ...rowsOf(snapshot.value),
      ready: true,
      loadFailure: null,
      activity: activity.ok ? mergeActivity(activity.value, earlyActivity) : before.activity,
      link: before.link === "connecting" ? "live" : before.link,
      ...(sandbox.ok && { sandbox: sandbox.value }),
      ...(about.ok && { about: about.value }),
      ...(secrets.ok && { secrets: secrets.value }),
      // An event that came meanwhile is newer.
      ...(update.ok && before.update === updateBefore && { update: update.value }),
    }));
    // A restarted server counts its revisions anew, so the fetched one wins unless a reply came in meanwhile.
    if (mirror.getState().saved === savedBefore) mirror.setState({ saved: saved.value });
    else adoptConfig(saved.value);
    if (rates.ok) history.setState({ byRoute: rates.value });
    early.splice(0).forEach(takeChanges);
  }

  function takeEvent(event: LiveEvent): void {
    switch (event.type) {
      case "changes":
        return takeChanges(event.changes);
      case "activity":
        return takeActivity(event.entries);
      case "config":
        if (event.revision > (mirror.getState().saved?.revision ?? -1)) void call("config.get", null);
        return;
      case "sandbox":
        return adoptSandbox(event.status);
      case "secrets":
        return mirror.setState({ secrets: event.kept });
      case "update":
        return mirror.setState({ update: event.status });
      case "examination":
        // For the sheet that asked for it, which listens itself.
        return;
    }
  }

  function takeLink(link: LinkState): void {
    const before = mirror.getState().link;
    mirror.setState({ link });
    if (link === "live" && before !== "live") void load();
  }

  async function call<N extends CommandName>(name: N, argument: Argument<N>): Promise<Reply<Result<N>>> {
    const reply = await bridge.call(name, argument);
    if (!reply.ok) return reply;
    if (name === "config.get" || name === "config.put" || name === "routes.enable")
      adoptConfig(reply.value as SavedConfig);
    if (name.startsWith("sandbox.")) adoptSandbox(reply.value as SandboxStatus);
    return reply;
  }

  const offEvent = bridge.onEvent(takeEvent);
  const offLink = bridge.onLink(takeLink);
  const sampler = setInterval(() => {
    const { ready, link, routes } = mirror.getState();
    if (ready && link === "live")
      history.setState({ byRoute: sampleRates(history.getState().byRoute, routes) });
  }, sampleMs);
  void load();

  return {
    call,
    onEvent: (listener) => bridge.onEvent(listener),
    onLink: (listener) => bridge.onLink(listener),
    shell: bridge.shell,
    refresh: () => void load(),
    disconnect() {
      open = false;
      offEvent();
      offLink();
      clearInterval(sampler);
      clearTimeout(retryTimer);
    },
  };
}
