import { describe, expect, it } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { RouteStatus } from "../../app/contract/snapshot.ts";
import { countTrouble, routeCondition } from "../../renderer/src/routes/route-condition.ts";
import {
  groupRoutes,
  indexRoutes,
  joinRoutes,
  matchesFilter,
  sortRoutes,
  type RouteSortKey,
} from "../../renderer/src/routes/route-rows.ts";
import { shownRoutes } from "../../renderer/src/routes/shown-routes.ts";
import { routeStatus } from "./route-status.ts";

const config: ShuntConfig = {
  version: 1,
  tunnels: [],
  backends: [
    { id: "prod-1", environment: "prod" },
    { id: "prod-2", environment: "prod" },
    { id: "uat-1", environment: "uat", tags: ["Lab"] },
  ],
  pools: [
    { id: "prod", members: ["prod-1", "prod-2"] },
    { id: "odd", members: ["prod-1", "uat-1"] },
  ],
  routes: [
    {
      id: "views",
      listen: "127.0.0.1:9017",
      transport: "amps",
      target: "prod",
      note: "London desk",
      tags: ["emea", "critical"],
    },
    { id: "p10", listen: "127.0.0.1:8080", path: "/prod-1", target: "prod-1" },
    { id: "p9", listen: "127.0.0.1:8080", path: "/mixed", target: "odd" },
    { id: "uat", listen: "127.0.0.1:9027", transport: "amps", target: "uat-1", enabled: false },
  ],
};

const statuses: readonly RouteStatus[] = [
  routeStatus({
    id: "views",
    listen: "127.0.0.1:9017",
    since: "2026-02-01T00:00:00.000Z",
    target: "prod",
    rate: { toBackend: 1, toClient: 900 },
    connections: { open: 3, total: 9, refused: 0 },
  }),
  routeStatus({
    id: "p10",
    listen: "127.0.0.1:8080",
    target: "prod-1",
    state: "failed",
    reason: "In use by java.",
  }),
  routeStatus({
    id: "p9",
    listen: "127.0.0.1:8080",
    target: "odd",
    targetHealth: "down",
    since: "2025-01-01T00:00:00.000Z",
  }),
  routeStatus({
    id: "uat",
    listen: "127.0.0.1:9027",
    target: "uat-1",
    state: "stopped",
    targetHealth: "unknown",
  }),
];
const rows = joinRoutes(statuses, indexRoutes(config));
const idsOf = (found: readonly { readonly status: RouteStatus }[]): readonly string[] =>
  found.map((row) => row.status.id);

describe("what a route's state is called", () => {
  it.each([
    [{ state: "listening", targetHealth: "up" }, "Listening", "ok", false],
    [{ state: "listening", targetHealth: "unknown" }, "Listening", "ok", false],
    [{ state: "listening", targetHealth: "down" }, "Listening, backend down", "warn", true],
    [{ state: "listening", targetHealth: "degraded" }, "Listening, backend degraded", "warn", true],
    [{ state: "failed", targetHealth: "up" }, "Failed", "bad", true],
    [{ state: "held", targetHealth: "up" }, "Held", "warn", true],
    [{ state: "stopped", targetHealth: "down" }, "Stopped", "idle", false],
    [
      { state: "draining", targetHealth: "up", connections: { open: 4, total: 4, refused: 0 } },
      "Draining, 4\u00a0left",
      "busy",
      false,
    ],
  ] as const)("%o is %s", (given, word, tone, trouble) => {
    expect(routeCondition(routeStatus({ id: "x", ...given }))).toMatchObject({ word, tone, trouble });
  });

  it("never shows two states by one shape and tone", () => {
    const states = ["stopped", "starting", "listening", "held", "degraded", "failed"] as const;
    const looks = states.map((state) => {
      const { shape, tone } = routeCondition(routeStatus({ id: "x", state }));
      return `${shape} ${tone}`;
    });
    expect(new Set(looks).size).toBe(states.length);
  });

  it("counts as trouble what an operator should look at", () => {
    expect(countTrouble(statuses)).toBe(2);
  });
});

describe("the routes table", () => {
  it.each([
    ["", ["views", "p10", "p9", "uat"]],
    ["LONDON", ["views"]],
    ["8080 prod-1", ["p10"]],
    ["/mixed", ["p9"]],
    ["java", ["p10"]],
    ["backend down", ["p9"]],
    ["uat", ["uat"]],
    ["emea", ["views"]],
    ["tag:emea", ["views"]],
    ["tag:EM tag:crit", ["views"]],
    ["tag:mea", []],
    // Of the backend, alone and in a pool.
    ["tag:lab", ["p9", "uat"]],
    ["tag:lab stopped", ["uat"]],
    ["tag:", ["views", "p9", "uat"]],
    ["nothing like it", []],
  ])("finds for %o %o", (text, found) => {
    expect(idsOf(rows.filter((row) => matchesFilter(row, text, "all")))).toEqual(found);
  });

  it.each([
    ["trouble", ["p10", "p9"]],
    ["running", ["views", "p10", "p9"]],
    ["stopped", ["uat"]],
  ] as const)("shows as %s %o", (state, found) => {
    expect(idsOf(rows.filter((row) => matchesFilter(row, "", state)))).toEqual(found);
  });

  it.each([
    ["id", false, ["p9", "p10", "uat", "views"]],
    ["id", true, ["views", "uat", "p10", "p9"]],
    ["listen", false, ["p9", "p10", "views", "uat"]],
    ["state", false, ["p10", "p9", "views", "uat"]],
    ["toClient", true, ["views", "p9", "p10", "uat"]],
    ["open", true, ["views", "p9", "p10", "uat"]],
    ["since", true, ["p9", "p10", "uat", "views"]],
    ["since", false, ["views", "p10", "uat", "p9"]],
  ] as [RouteSortKey, boolean, string[]][])(
    "sorts by %s, descending %s, as %o",
    (key, descending, sorted) => {
      expect(idsOf(sortRoutes(rows, { key, descending }))).toEqual(sorted);
    },
  );

  it("keeps the engine's order where none is asked for", () => {
    expect(sortRoutes(rows, null)).toBe(rows);
  });

  it("groups path routes under the listener that they share", () => {
    const groups = groupRoutes(rows, "listener");
    expect(groups.map((group) => [group.title, idsOf(group.rows)])).toEqual([
      ["127.0.0.1:9017", ["views"]],
      ["127.0.0.1:8080", ["p10", "p9"]],
      ["127.0.0.1:9027", ["uat"]],
    ]);
  });

  it("groups by the target's environment, a pool's where its members agree", () => {
    const groups = groupRoutes(rows, "environment");
    expect(groups.map((group) => [group.title, idsOf(group.rows)])).toEqual([
      ["prod", ["views", "p10"]],
      ["mixed", ["p9"]],
      ["uat", ["uat"]],
    ]);
  });

  it("groups by the tags of the route itself, each route once", () => {
    const groups = groupRoutes(rows, "tag");
    expect(groups.map((group) => [group.title, idsOf(group.rows)])).toEqual([
      ["critical, emea", ["views"]],
      ["no tags", ["p10", "p9", "uat"]],
    ]);
  });
});

describe("what the table shows of all routes together", () => {
  const everything = {
    configured: indexRoutes(config),
    routeText: "",
    routeState: "all",
    routeOrder: null,
    routeGrouping: "none",
    selection: new Set<string>(),
  } as const;
  const busy = routeStatus({ id: "a", rate: { toBackend: 0, toClient: 9 } });
  const failed = routeStatus({ id: "b", state: "failed" });
  const stopped = routeStatus({ id: "c", state: "stopped" });
  const routes = [busy, failed, stopped];

  it("counts all of them, and sorts the selected ones by what can be done to them, whatever is shown", () => {
    const shown = shownRoutes(routes, {
      ...everything,
      routeState: "trouble",
      selection: new Set(["a", "c"]),
    });
    expect(shown).toEqual({
      groups: [{ title: "", ids: ["b"] }],
      counts: { all: 3, trouble: 1, running: 2, stopped: 1 },
      selected: { running: ["a"], stopped: ["c"] },
    });
    expect(shownRoutes(routes, { ...everything, routeText: "no such route" }).groups).toEqual([]);
  });

  it("says nothing else when figures change, but where the table is sorted by them", () => {
    const busier = routes.map((route) => ({ ...route, rate: { toBackend: 0, toClient: 10 } }));
    expect(shownRoutes(busier, everything)).toEqual(shownRoutes(routes, everything));
    const sorted = { ...everything, routeOrder: { key: "toClient", descending: true } } as const;
    const overtaken = [busy, { ...failed, rate: { toBackend: 0, toClient: 10 } }];
    expect(shownRoutes([busy, failed], sorted).groups[0]?.ids).toEqual(["a", "b"]);
    expect(shownRoutes(overtaken, sorted).groups[0]?.ids).toEqual(["b", "a"]);
  });
});
