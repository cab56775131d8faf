import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { LinkState, LiveBridge } from "../../app/contract/bridge.ts";
import type { SavedConfig } from "../../app/contract/commands.ts";
import type { LiveEvent } from "../../app/contract/live.ts";
import type { ConnectionStatus, Snapshot } from "../../app/contract/snapshot.ts";
import { type ConnectedBridge, connectMirror } from "../../renderer/src/bridge/connect.ts";
import { emptyMirror, type Mirror } from "../../renderer/src/mirror/mirror-store.ts";
import type { RateHistory } from "../../renderer/src/mirror/rate-history.ts";
import { routeStatus } from "./route-status.ts";

const emptyConfig = { version: 1, tunnels: [], backends: [], pools: [], routes: [] } as const;

/** An engine whose answers wait until the test lets them go. */
function heldEngine() {
  const events = new Set<(event: LiveEvent) => void>();
  const links = new Set<(state: LinkState) => void>();
  let held: (() => void)[] = [];
  const engine = {
    snapshot: {
      revision: 10,
      time: "t10",
      routes: [],
      backends: [],
      pools: [],
      tunnels: [],
      connections: [],
      openConnections: 0,
    } as Snapshot,
    saved: { revision: 1, config: emptyConfig, notice: null } as SavedConfig,
    snapshotCalls: 0,
    asked: [] as string[],
    up: true,
    emit: (event: LiveEvent) => events.forEach((listener) => listener(event)),
    link: (state: LinkState) => links.forEach((listener) => listener(state)),
    changes: (revision: number, id: string) =>
      engine.emit({
        type: "changes",
        changes: { revision, time: `t${revision}`, routes: { set: [routeStatus({ id })] } },
      }),
    async release() {
      const now = held;
      held = [];
      now.forEach((answer) => answer());
      await vi.advanceTimersByTimeAsync(0);
    },
  };
  const answers: Record<string, () => unknown> = {
    "snapshot.get": () => ((engine.snapshotCalls += 1), engine.snapshot),
    "config.get": () => engine.saved,
    "activity.list": () => [],
    "history.get": () => ({}),
    "sandbox.status": () => ({ running: false, instances: [] }),
    "about.get": () => ({}),
  };
  const bridge = {
    shell: null,
    listConnections: async (lists: boolean) => void engine.asked.push(lists ? "list" : "list nothing"),
    call: (name: string, argument: { readonly connections: boolean } | null) =>
      new Promise((resolve) => {
        engine.asked.push(name === "snapshot.get" && argument?.connections ? "snapshot with rows" : name);
        held.push(() =>
          resolve(
            engine.up
              ? { ok: true, value: answers[name]?.() }
              : { ok: false, failure: { code: "INTERNAL", hop: "shunt", message: "away", advice: "" } },
          ),
        );
      }),
    onEvent: (listener: (event: LiveEvent) => void) => (events.add(listener), () => events.delete(listener)),
    onLink: (listener: (state: LinkState) => void) => (links.add(listener), () => links.delete(listener)),
  } as unknown as LiveBridge;
  return { engine, bridge };
}

describe("the mirror", () => {
  const mirror = createStore<Mirror>()(() => emptyMirror);
  const history = createStore<{ readonly byRoute: RateHistory }>()(() => ({ byRoute: {} }));
  let connected: ConnectedBridge;
  let engine: ReturnType<typeof heldEngine>["engine"];

  beforeEach(() => {
    vi.useFakeTimers();
    mirror.setState(emptyMirror, true);
    history.setState({ byRoute: {} });
    const held = heldEngine();
    engine = held.engine;
    connected = connectMirror({ bridge: held.bridge, mirror, history });
  });
  afterEach(() => {
    connected.disconnect();
    vi.useRealTimers();
  });
  const ids = (): readonly string[] => mirror.getState().routes.map((route) => route.id);

  it("lays what arrived during the first fetch over the snapshot, and drops what the snapshot has", async () => {
    engine.changes(10, "in-the-snapshot-already");
    engine.changes(11, "newer");
    await engine.release();
    expect(ids()).toEqual(["newer"]);
    expect(mirror.getState().revision).toBe(11);
  });

  it("follows change sets one by one without asking again", async () => {
    await engine.release();
    engine.changes(11, "a");
    engine.changes(12, "b");
    expect(ids()).toEqual(["a", "b"]);
    expect(engine.snapshotCalls).toBe(1);
  });

  it("fetches a snapshot when a revision is missing, and shows that", async () => {
    await engine.release();
    engine.snapshot = { ...engine.snapshot, revision: 14, routes: [routeStatus({ id: "whole" })] };
    engine.changes(13, "after-a-gap");
    await engine.release();
    expect(engine.snapshotCalls).toBe(2);
    expect(ids()).toEqual(["whole"]);
    engine.changes(15, "next");
    expect(ids()).toEqual(["whole", "next"]);
  });

  it("fetches everything when a lost link comes back, even from an engine that counts anew", async () => {
    engine.link("live");
    await engine.release();
    engine.link("lost");
    expect(mirror.getState().link).toBe("lost");
    engine.snapshot = { ...engine.snapshot, revision: 2, routes: [routeStatus({ id: "restarted" })] };
    engine.saved = { ...engine.saved, revision: 0 };
    engine.link("live");
    await engine.release();
    expect(ids()).toEqual(["restarted"]);
    expect(mirror.getState().saved?.revision).toBe(0);
    engine.changes(3, "goes-on");
    expect(ids()).toEqual(["restarted", "goes-on"]);
  });

  it("shows why nothing can be shown, tries again by itself, and then forgets about it", async () => {
    engine.up = false;
    await engine.release();
    expect(mirror.getState()).toMatchObject({ ready: false, loadFailure: { message: "away" } });
    engine.up = true;
    await vi.advanceTimersByTimeAsync(2500);
    await engine.release();
    expect(mirror.getState()).toMatchObject({ ready: true, loadFailure: null, link: "live" });
  });

  it("fetches a configuration only when it is newer than the one it has", async () => {
    await engine.release();
    engine.emit({ type: "config", revision: 1 });
    engine.saved = { ...engine.saved, revision: 2, notice: "new" };
    await engine.release();
    expect(mirror.getState().saved?.notice).toBeNull();
    engine.emit({ type: "config", revision: 2 });
    await engine.release();
    expect(mirror.getState().saved?.notice).toBe("new");
  });

  it("samples new rates once, with the change set that brings them, wherever in the second that is", async () => {
    const idle = { toBackend: 0, toClient: 0 };
    engine.snapshot = { ...engine.snapshot, routes: [routeStatus({ id: "a", rate: idle })] };
    await engine.release();
    const seen = () => (history.getState().byRoute["a"] ?? []).map(({ toClient }) => toClient);
    let revision = 11;
    const tell = (toClient: number) =>
      engine.emit({
        type: "changes",
        changes: {
          revision,
          time: `t${revision++}`,
          routes: { set: [routeStatus({ id: "a", rate: { toBackend: 0, toClient } })] },
        },
      });
    // Out of step with the page's own second at first, and then as the engine's ticks come: now and then one late.
    await vi.advanceTimersByTimeAsync(600);
    const rates = [1, 2, 3, 4, 5, 6];
    for (const [at, rate] of rates.entries()) {
      tell(rate);
      await vi.advanceTimersByTimeAsync(250);
      tell(rate);
      expect(seen()).toEqual(rates.slice(0, at + 1));
      await vi.advanceTimersByTimeAsync(at % 2 === 0 ? 1_000 : 500);
    }
    // They stay what they are: then it goes on by itself.
    await vi.advanceTimersByTimeAsync(3_000);
    expect(seen()).toEqual([...rates, 6, 6, 6]);
  });

  it("samples every route's rate once a second while the link is live, and stops while it is lost", async () => {
    engine.link("live");
    await engine.release();
    engine.changes(11, "a");
    await vi.advanceTimersByTimeAsync(3000);
    expect(history.getState().byRoute["a"]).toHaveLength(3);
    engine.link("lost");
    await vi.advanceTimersByTimeAsync(3000);
    expect(history.getState().byRoute["a"]).toHaveLength(3);
  });

  describe("connections", () => {
    const row = (id: string) => ({ id }) as ConnectionStatus;
    const rowIds = () => mirror.getState().connections?.map(({ id }) => id) ?? null;

    async function showFirst(): Promise<() => void> {
      await engine.release();
      expect(rowIds()).toBeNull();
      engine.asked = [];
      engine.snapshot = { ...engine.snapshot, revision: 20, connections: [row("c1")], openConnections: 1 };
      const hide = connected.showConnections();
      await vi.advanceTimersByTimeAsync(0);
      await engine.release();
      return hide;
    }

    it("are fetched for the screen that shows them, once their changes are told, and nothing else is", async () => {
      await showFirst();
      expect(engine.asked).toEqual(["list", "snapshot with rows"]);
      expect(rowIds()).toEqual(["c1"]);
      engine.emit({
        type: "changes",
        changes: { revision: 21, time: "t21", connections: { set: [row("c2")] }, openConnections: 2 },
      });
      expect(rowIds()).toEqual(["c1", "c2"]);
      expect(mirror.getState().openConnections).toBe(2);
    });

    it("stay from one screen that shows them to another, and go after the last", async () => {
      const hide = await showFirst();
      const hideOther = connected.showConnections();
      hide();
      await vi.advanceTimersByTimeAsync(5_000);
      expect(rowIds()).toEqual(["c1"]);
      hideOther();
      await vi.advanceTimersByTimeAsync(500);
      connected.showConnections()();
      await vi.advanceTimersByTimeAsync(900);
      expect(rowIds()).toEqual(["c1"]);
      expect(engine.asked).toEqual(["list", "snapshot with rows"]);
      await vi.advanceTimersByTimeAsync(200);
      expect(rowIds()).toBeNull();
      expect(engine.asked.at(-1)).toBe("list nothing");
    });

    it("that are shown before anything has come are in the first snapshot, and nothing of the rest is missing", async () => {
      engine.snapshot = { ...engine.snapshot, connections: [row("c1")] };
      connected.showConnections();
      await vi.advanceTimersByTimeAsync(0);
      await engine.release();
      expect(rowIds()).toEqual(["c1"]);
      expect(mirror.getState()).toMatchObject({ ready: true, saved: { revision: 1 } });
    });

    it("that come when no screen shows them any more are not kept", async () => {
      await engine.release();
      engine.snapshot = { ...engine.snapshot, connections: [row("c1")] };
      connected.showConnections()();
      await vi.advanceTimersByTimeAsync(2_000);
      await engine.release();
      expect(rowIds()).toBeNull();
      connected.showConnections();
      await vi.advanceTimersByTimeAsync(0);
      expect(rowIds()).toBeNull();
      await engine.release();
      expect(rowIds()).toEqual(["c1"]);
    });

    it("are asked for again with everything else where a lost link comes back", async () => {
      await showFirst();
      engine.link("lost");
      engine.asked = [];
      engine.link("live");
      await vi.advanceTimersByTimeAsync(0);
      await engine.release();
      expect(engine.asked).toContain("list");
      expect(engine.asked).toContain("snapshot with rows");
      expect(engine.asked).toContain("config.get");
      expect(rowIds()).toEqual(["c1"]);
    });
  });
});
