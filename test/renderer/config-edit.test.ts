import { describe, expect, it } from "vitest";
import type { RouteConfig, ShuntConfig } from "../../app/contract/config.ts";
import { backendOfDraft, draftOfBackend } from "../../renderer/src/backends/backend-draft.ts";
import { draftOfPool, moveMember, poolOfDraft } from "../../renderer/src/pools/pool-draft.ts";
import {
  freeId,
  usersOf,
  withBackend,
  withDrained,
  withoutRows,
} from "../../renderer/src/edit/config-edit.ts";
import { changesBetween, withoutChanges } from "../../renderer/src/edit/config-changes.ts";
import { sortProblems } from "../../renderer/src/edit/problems.ts";
import { mergeConfig } from "../../renderer/src/import/import-config.ts";
import {
  draftOfRoute,
  emptyRouteDraft,
  isLoopback,
  routeOfDraft,
} from "../../renderer/src/route-sheet/route-draft.ts";
import { sortRouteProblems } from "../../renderer/src/route-sheet/route-problems.ts";
import { previewRoute } from "../../renderer/src/route-sheet/route-preview.ts";
import { routeStatus } from "./route-status.ts";

const config: ShuntConfig = {
  version: 1,
  tunnels: [{ id: "bastion", type: "ssh", address: "jump:22" }],
  backends: [
    { id: "a", via: "bastion", amps: "tcp://a:9007", tls: { caFile: "ca.pem" } },
    { id: "b", amps: "tcp://b:9007" },
  ],
  pools: [
    {
      id: "pool",
      members: ["a", "b"],
      weights: { a: 3 },
      links: [{ from: "a", to: "b", type: "sync" }],
      agent: "127.0.0.1:7000",
    },
  ],
  routes: [
    { id: "one", listen: "127.0.0.1:1", transport: "amps", target: "a" },
    { id: "two", listen: "127.0.0.1:2", transport: "amps", target: "pool" },
    { id: "three", listen: "127.0.0.1:3", path: "/a", target: "a" },
  ],
};

describe("edits of the document", () => {
  it("put deleted rows back where they were", () => {
    const without = withoutRows(config, "routes", new Set(["one", "three"]));
    expect(without.routes.map((route) => route.id)).toEqual(["two"]);
    expect(withoutChanges(without, config, without)).toEqual(config);
  });

  it("do not double a deleted row whose name is in use again", () => {
    const without = withoutRows(config, "routes", new Set(["one"]));
    const again = {
      ...without,
      routes: [...without.routes, { ...(config.routes[0] as RouteConfig), target: "b" }],
    };
    expect(withoutChanges(again, config, without)).toEqual(again);
  });

  it("take a renamed backend's pools, weights, links and routes along", () => {
    const renamed = withBackend(config, { id: "z", amps: "tcp://z:9007" }, "a");
    expect(renamed.backends.map((backend) => backend.id)).toEqual(["z", "b"]);
    expect(renamed.pools[0]).toMatchObject({
      members: ["z", "b"],
      weights: { z: 3 },
      links: [{ from: "z", to: "b" }],
    });
    expect(renamed.routes.map((route) => route.target)).toEqual(["z", "pool", "z"]);
  });

  it("name who would miss a backend", () => {
    expect(usersOf(config, "a")).toEqual(["pool pool", "route one", "route three"]);
    expect(usersOf(config, "nobody")).toEqual([]);
  });

  it("find a free name for a clone", () => {
    expect(freeId("one", config.routes)).toBe("one-2");
    expect(freeId("one-2", [{ id: "one-2" }, { id: "one-3" }])).toBe("one-4");
  });
});

describe("forms", () => {
  const full: RouteConfig = {
    id: "full",
    listen: "[::1]:8080",
    path: "/x",
    host: "x.localhost",
    target: "pool",
    clients: "publishers",
    sticky: "client-name",
    preflight: "pass",
    keepPrefix: true,
    hosts: ["one", "two"],
    origins: ["https://one"],
    tls: { certFile: "c", keyFile: "k" },
    enabled: false,
    note: "n",
  };

  it("give back a route, a backend and a pool unchanged, with what they do not show", () => {
    const serverNames = ["amps-ny.example.com", "*.ny.example.com"];
    const named: RouteConfig = {
      id: "named",
      listen: "9443",
      transport: "amps",
      target: "a",
      tlsPassthrough: true,
      serverNames,
    };
    for (const route of [full, named, ...config.routes])
      expect(routeOfDraft(draftOfRoute(route), route)).toEqual(route);
    for (const backend of config.backends)
      expect(backendOfDraft(draftOfBackend(backend), backend)).toEqual(backend);
    for (const pool of config.pools) expect(poolOfDraft(draftOfPool(pool), pool)).toEqual(pool);
  });

  it("keep keys that this version does not know", () => {
    const future = { ...full, laterKey: { deep: true } } as RouteConfig;
    expect(routeOfDraft({ ...draftOfRoute(future), note: "" }, future)).toMatchObject({
      laterKey: { deep: true },
    });
  });

  it("leave out a path on a port route and the transport on a path route", () => {
    const draft = { ...emptyRouteDraft, id: "r", listen: "9", path: "/p", host: "h", target: "a" };
    expect(routeOfDraft({ ...draft, kind: "port" }, null)).toEqual({
      id: "r",
      listen: "9",
      transport: "amps",
      target: "a",
    });
    const names = { tlsPassthrough: true, serverNames: "AMPS-NY.example.com\n b " };
    expect(routeOfDraft({ ...draft, ...names, kind: "port" }, null)).toMatchObject({
      serverNames: ["amps-ny.example.com", "b"],
    });
    expect(routeOfDraft({ ...draft, ...names, tlsPassthrough: false }, null)).not.toHaveProperty(
      "serverNames",
    );
    expect(routeOfDraft({ ...draft, ...names, kind: "path" }, null)).toEqual({
      id: "r",
      listen: "9",
      path: "/p",
      host: "h",
      target: "a",
    });
  });

  it("move a pool's members by one place and not past the ends", () => {
    expect(moveMember(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(moveMember(["a", "b", "c"], 2, 1)).toEqual(["a", "b", "c"]);
  });

  it.each([
    ["9007", true],
    ["127.0.0.1:9007", true],
    ["127.8.0.1:9007", true],
    ["9007-9010", true],
    ["127.0.0.1:9007-9010", true],
    ["0.0.0.0:9007-9010", false],
    ["localhost:9007", true],
    ["[::1]:9007", true],
    ["0.0.0.0:9007", false],
    ["[::]:9007", false],
    ["10.1.2.3:9007", false],
    ["127.evil.example:9007", false],
  ])("know whether %s is for this machine only: %s", (listen, loopback) => {
    expect(isLoopback(listen)).toBe(loopback);
  });

  it("lead problems to their fields, and the rest to where they belong", () => {
    const problems = [
      { path: "routes[2].listen", message: "L" },
      { path: "routes[2].hosts[0]", message: "H" },
      { path: "routes[2].target", message: "is empty; choose one" },
      { path: "routes[2]", message: "R" },
      { path: "routes[20].listen", message: "other" },
    ];
    const sorted = sortProblems(problems, "routes[2]");
    expect([...sorted.byField]).toEqual([
      ["listen", "L"],
      ["hosts", "H"],
      ["target", "Choose one"],
    ]);
    expect(sorted.ofRow).toEqual(["R"]);
    expect(sorted.elsewhere.map((problem) => problem.path)).toEqual(["routes[20].listen"]);
  });
});

describe("a route made together with its backend", () => {
  const problems = [
    { path: "backends[2].id", message: "needed" },
    { path: "backends[2]", message: "an endpoint" },
    { path: "routes[3].target", message: "unknown" },
    { path: "pools[0].members", message: "elsewhere" },
  ];

  it("has the problems of both, and not twice that its name is missing", () => {
    const sorted = sortRouteProblems(problems, ["routes[3]"], "backends[2]");
    expect([...sorted.byField]).toEqual([["backend.id", "needed"]]);
    expect(sorted.ofRow).toEqual(["an endpoint"]);
    expect(sorted.elsewhere.map((problem) => problem.path)).toEqual(["pools[0].members"]);
  });

  it("is told when the target alone is wrong", () => {
    expect([...sortRouteProblems(problems.slice(2), ["routes[3]"], null).byField]).toEqual([
      ["target", "unknown"],
    ]);
  });
});

describe("the preview of a save", () => {
  const before = config.routes[0] as RouteConfig;
  const two = routeStatus({ id: "one", connections: { open: 2, total: 2, refused: 0 } });

  it.each([
    ["nothing", {}, "Nothing changed.", false],
    ["what is written out and the default", { clients: "mixed" as const }, "Nothing changed.", false],
    [
      "the name",
      { id: "first" },
      "Route one ends and first starts in its place. You are asked what becomes of 2 open connections.",
      true,
    ],
    [
      "the target",
      { target: "b" },
      "2 open connections stay on the old settings; new ones get these.",
      false,
    ],
    [
      "a port written short",
      { listen: "1" },
      "Listener moves: 127.0.0.1:1 → localhost:1. 2 open connections stay; clients that come back need the new address.",
      false,
    ],
    [
      "the address",
      { listen: "127.0.0.1:99" },
      "Listener moves: 127.0.0.1:1 → 127.0.0.1:99. 2 open connections stay; clients that come back need the new address.",
      false,
    ],
    [
      "enabled",
      { enabled: false },
      "Stops listening on 127.0.0.1:1. You are asked what becomes of 2 open connections.",
      true,
    ],
    ["the note", { note: "x" }, "Only the note changes; no connection is touched.", false],
  ])("says what changing %s does", (_what, change, text, ends) => {
    const after = routeOfDraft(draftOfRoute({ ...before, ...change }), before);
    expect(previewRoute(before, after, two)).toMatchObject({ text, ends });
    // As a file may have it.
    expect(previewRoute({ ...before, clients: "mixed" }, after, two)).toMatchObject({ text, ends });
  });

  it("knows a port alone and localhost for one address", () => {
    const named = { ...before, listen: "localhost:1" };
    const change = previewRoute(named, { ...named, listen: "1", note: "x" }, two);
    expect(change).toMatchObject({ ends: false });
  });
});

describe("a save that is taken back", () => {
  it("leaves the document as it was, a row of another name and its users too", () => {
    const before = { ...config, pools: [], routes: config.routes.filter(({ target }) => target !== "pool") };
    const renamed = withBackend(before, { id: "new", amps: "tcp://new:1" }, "a");
    const added = {
      ...renamed,
      routes: [...renamed.routes, { ...(config.routes[0] as RouteConfig), id: "x" }],
    };
    expect(withoutChanges(added, before, added)).toEqual(before);
  });

  it("leaves alone what somebody has changed since, and what is used by now", () => {
    const made = withBackend(config, { id: "new", amps: "tcp://new:1" }, null);
    const edited = { ...made, routes: config.routes.map((row) => ({ ...row, listen: "127.0.0.1:9" })) };
    const since = {
      ...edited,
      routes: edited.routes.with(0, { ...(edited.routes[0] as RouteConfig), target: "new" }),
    };
    const undone = withoutChanges(since, config, edited);
    expect(undone.routes).toEqual([since.routes[0], ...config.routes.slice(1)]);
    expect(undone.backends.map(({ id }) => id)).toEqual(["a", "b", "new"]);
  });
});

describe("imports", () => {
  it("that are added keep what is there and replace rows of the same name in place", () => {
    const imported = {
      version: 1,
      routes: [
        { id: "two", listen: "127.0.0.1:22", transport: "amps", target: "b" },
        { id: "new", listen: "127.0.0.1:4", transport: "amps", target: "b" },
      ],
    };
    const merged = mergeConfig(config, imported, "merge");
    expect(merged.routes.map((route) => [route.id, route.listen])).toEqual([
      ["one", "127.0.0.1:1"],
      ["two", "127.0.0.1:22"],
      ["three", "127.0.0.1:3"],
      ["new", "127.0.0.1:4"],
    ]);
    expect(merged.backends).toEqual(config.backends);
    expect(merged.tunnels).toEqual(config.tunnels);
  });

  it("are told row by row before they are saved, whatever the order of their keys", () => {
    const [one, two, three] = config.routes;
    const same = Object.fromEntries(Object.entries(one ?? {}).reverse());
    const wanted = {
      ...config,
      routes: [same, { ...two, listen: "127.0.0.1:22" }, { ...three, id: "new" }],
    } as unknown as typeof config;
    expect(changesBetween(config, wanted)).toEqual([
      { kind: "changed", noun: "route", id: "two" },
      { kind: "added", noun: "route", id: "new" },
      { kind: "removed", noun: "route", id: "three" },
    ]);
    expect(changesBetween(config, config)).toEqual([]);
  });

  it("pass on what is no configuration for the check to refuse", () => {
    expect(mergeConfig(config, [1, 2], "merge")).toEqual([1, 2]);
    expect(mergeConfig(config, { version: 1, colour: "red", routes: "none" }, "merge")).toMatchObject({
      colour: "red",
      routes: "none",
    });
  });

  it("that name a row twice keep both for the check to name", () => {
    const row = { id: "new", listen: "127.0.0.1:4", transport: "amps", target: "b" };
    const merged = mergeConfig(config, { version: 1, routes: [row, { ...row, target: "a" }] }, "merge");
    expect(merged.routes.filter((route) => route.id === "new")).toHaveLength(2);
  });
});

it("draining a backend sets the one flag, and taking it up again leaves no trace", () => {
  const drained = withDrained(config, "b", true);
  expect(drained.backends[1]).toEqual({ id: "b", amps: "tcp://b:9007", drained: true });
  expect(drained.backends[0]).toBe(config.backends[0]);
  expect(withDrained(drained, "b", false)).toEqual(config);
});
