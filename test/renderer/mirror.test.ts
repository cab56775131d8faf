import { describe, expect, it } from "vitest";
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { ConnectionStatus, RouteStatus } from "../../app/contract/snapshot.ts";
import { mergeActivity } from "../../renderer/src/mirror/activity-log.ts";
import {
  applyChanges,
  applyRowChanges,
  fitOf,
  type MirroredRows,
} from "../../renderer/src/mirror/apply-changes.ts";
import { historyLength, sampleRates } from "../../renderer/src/mirror/rate-history.ts";
import { routeStatus } from "./route-status.ts";

const row = (id: string, figure = 0) => ({ id, figure });

describe("row changes", () => {
  const rows = [row("a"), row("b"), row("c")];

  it("replaces a row in its place and keeps the others' identity", () => {
    const changed = applyRowChanges(rows, { set: [row("b", 7)] });
    expect(changed.map((r) => [r.id, r.figure])).toEqual([
      ["a", 0],
      ["b", 7],
      ["c", 0],
    ]);
    expect(changed[0]).toBe(rows[0]);
  });

  it("adds an unknown row last where no order is given", () => {
    expect(applyRowChanges(rows, { set: [row("d")] }).map((r) => r.id)).toEqual(["a", "b", "c", "d"]);
  });

  it("takes removed rows out", () => {
    expect(applyRowChanges(rows, { removed: ["a", "nobody"] }).map((r) => r.id)).toEqual(["b", "c"]);
  });

  it("follows a new order, with rows added and removed at once", () => {
    const changes = { set: [row("d", 1)], removed: ["b"], order: ["d", "c", "a"] };
    expect(applyRowChanges(rows, changes).map((r) => r.id)).toEqual(["d", "c", "a"]);
  });

  it("loses no row that an order forgets and invents none that it names in vain", () => {
    expect(applyRowChanges(rows, { order: ["c", "ghost", "c"] }).map((r) => r.id)).toEqual(["c", "a", "b"]);
  });

  it("leaves a collection without changes as the very same array", () => {
    expect(applyRowChanges(rows, undefined)).toBe(rows);
  });
});

describe("change sets", () => {
  const mirrored: MirroredRows = {
    revision: 4,
    time: "t4",
    routes: [routeStatus({ id: "a" })],
    backends: [],
    pools: [],
    tunnels: [],
    connections: [],
    openConnections: 0,
  };

  it("take the revision and time on, and touch only the collections that they name", () => {
    const routes = { set: [routeStatus({ id: "a", state: "failed" })] };
    const after = applyChanges(mirrored, { revision: 5, time: "t5", routes });
    expect(after.revision).toBe(5);
    expect(after.time).toBe("t5");
    expect(after.routes[0]?.state).toBe("failed");
    expect(after.connections).toBe(mirrored.connections);
    expect(after.openConnections).toBe(0);
  });

  it("tell how many connections are open also where no screen lists them, and then of none of them", () => {
    const connections = { set: [{ id: "c1" } as ConnectionStatus] };
    const after = applyChanges(
      { ...mirrored, connections: null },
      { revision: 5, time: "t5", connections, openConnections: 1 },
    );
    expect(after).toMatchObject({ connections: null, openConnections: 1 });
  });

  it.each([
    [4, 3, "stale"],
    [4, 4, "stale"],
    [4, 5, "next"],
    [4, 6, "gap"],
    [-1, 0, "next"],
  ] as const)("at revision %i, %i is %s", (mirroredRevision, incoming, fit) => {
    expect(fitOf(mirroredRevision, incoming)).toBe(fit);
  });
});

describe("the activity log", () => {
  const entry = (sequence: number, count?: number): ActivityEntry => ({
    sequence,
    time: "2026-01-01T00:00:00.000Z",
    severity: "info",
    event: "connection-closed",
    message: `entry ${sequence}`,
    ...(count !== undefined && { count }),
  });

  it("replaces an entry that comes again with a higher count instead of doubling it", () => {
    const log = mergeActivity([entry(1), entry(2)], [entry(2, 9), entry(3)]);
    expect(log.map((e) => [e.sequence, e.count])).toEqual([
      [1, undefined],
      [2, 9],
      [3, undefined],
    ]);
  });

  it("keeps the newest thousand", () => {
    const log = mergeActivity(
      [],
      Array.from({ length: 1200 }, (_, n) => entry(n)),
    );
    expect(log).toHaveLength(1000);
    expect(log[0]?.sequence).toBe(200);
  });
});

describe("the minute of rates", () => {
  const busy: RouteStatus = routeStatus({ id: "a", rate: { toBackend: 3, toClient: 5 } });

  it("keeps a minute in which nothing was other, until something is", () => {
    const quiet = routeStatus({ id: "a" });
    let history = {};
    for (let second = 0; second < historyLength; second += 1) history = sampleRates(history, [quiet]);
    const full = sampleRates(history, [quiet])["a"];
    expect(sampleRates({ a: full ?? [] }, [quiet])["a"]).toBe(full);
    for (const given of [
      { rate: { toBackend: 0, toClient: 1 } },
      { rate: { toBackend: 1, toClient: 0 } },
      { connections: { open: 1, total: 1, refused: 0 } },
    ]) {
      const moved = sampleRates({ a: full ?? [] }, [{ ...quiet, ...given }])["a"];
      expect(moved).toHaveLength(historyLength);
      expect(moved?.at(-1)).not.toEqual(full?.at(-1));
    }
  });

  it("adds one sample a second and keeps sixty", () => {
    let history = {};
    for (let second = 0; second < 70; second += 1) history = sampleRates(history, [busy]);
    expect((history as Record<string, unknown[]>)["a"]).toHaveLength(historyLength);
  });

  it("forgets a route that is gone and goes on for one that merely has no traffic", () => {
    const before = { a: [{ toBackend: 1, toClient: 1 }], gone: [{ toBackend: 1, toClient: 1 }] };
    const idle = routeStatus({ id: "a", rate: { toBackend: 0, toClient: 0 } });
    expect(sampleRates(before, [idle])).toEqual({
      a: [
        { toBackend: 1, toClient: 1 },
        { toBackend: 0, toClient: 0, open: idle.connections.open },
      ],
    });
  });
});
