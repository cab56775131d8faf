import { describe, expect, test } from "vitest";
import type { ActivityEntry, ActivityEvent } from "../../app/contract/activity.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { isQuiet } from "../../main/desktop/muted-routes.ts";
import { createOutageTracker } from "../../main/desktop/outages.ts";

let sequence = 0;
const entry = (event: ActivityEvent, about: Partial<ActivityEntry> = {}): ActivityEntry => ({
  sequence: ++sequence,
  time: "2026-01-01T00:00:00.000Z",
  severity: "error",
  event,
  message: "Connection refused by 10.0.0.1:9007.",
  ...about,
});
const down = (backend: string) => entry("backend-down", { backend });
const up = (backend: string) => entry("backend-up", { backend });

describe("outage notices", () => {
  test("come once per outage and once on recovery, and lead to the right place", () => {
    const tracker = createOutageTracker();
    tracker.observe([down("prod-1")], 0);
    tracker.observe([down("prod-1")], 1_000);
    expect(tracker.due(3_000)).toEqual([
      {
        title: "Backend prod-1 is down",
        body: "Connection refused by 10.0.0.1:9007.",
        wish: { do: "show", screen: "backends", id: "prod-1" },
      },
    ]);
    tracker.observe([down("prod-1")], 4_000);
    expect(tracker.due(10_000)).toEqual([]);
    tracker.observe([up("prod-1"), up("prod-1")], 11_000);
    expect(tracker.due(11_000).map((notice) => notice.title)).toEqual(["Backend prod-1 works again"]);
    expect(tracker.due(12_000)).toEqual([]);
    expect(tracker.hasPending()).toBe(false);
  });

  test("tell at once of a client that does more than its route is for, and of no recovery", () => {
    const tracker = createOutageTracker();
    const message = "view-7 publishes on route views, whose clients are subscribers";
    tracker.observe([entry("role-exceeded", { route: "views", message })], 0);
    expect(tracker.hasPending()).toBe(true);
    expect(tracker.due(0)).toEqual([
      {
        title: "A client of route views is more than a subscriber",
        body: message,
        wish: { do: "show", screen: "activity", id: "views" },
      },
    ]);
    expect(tracker.hasPending()).toBe(false);
  });

  test("are not made of an outage that ends within a moment", () => {
    const tracker = createOutageTracker();
    tracker.observe([down("prod-1")], 0);
    expect(tracker.due(1_000)).toEqual([]);
    expect(tracker.hasPending()).toBe(true);
    tracker.observe([up("prod-1")], 2_000);
    expect(tracker.due(60_000)).toEqual([]);
  });

  test("are not made of a backend that comes up for the first time", () => {
    const tracker = createOutageTracker();
    tracker.observe([up("prod-1"), entry("route-listening", { route: "orders" })], 0);
    expect(tracker.due(60_000)).toEqual([]);
  });

  test("tell a failed route from a held one, and a stopped one is no recovery", () => {
    const tracker = createOutageTracker();
    tracker.observe([entry("route-failed", { route: "a" }), entry("route-held", { route: "b" })], 0);
    expect(tracker.due(3_000).map((notice) => notice.title)).toEqual([
      "Route a has failed",
      "Route b is held",
    ]);
    tracker.observe([entry("route-stopped", { route: "a" }), entry("route-released", { route: "b" })], 4_000);
    expect(tracker.due(4_000).map((notice) => notice.title)).toEqual(["Route b works again"]);
  });

  test("never come in a flood: five a minute, the rest in one line", () => {
    const tracker = createOutageTracker();
    tracker.observe(
      [..."abcdefgh"].map((name) => down(name)),
      0,
    );
    const titles = tracker.due(3_000).map((notice) => notice.title);
    expect(titles).toHaveLength(5);
    expect(titles[4]).toBe("4 more changes in Shunt");
    tracker.observe(
      [..."abc"].map((name) => up(name)),
      4_000,
    );
    expect(tracker.due(4_000)).toEqual([]);
    tracker.observe([up("d")], 64_000);
    expect(tracker.due(64_000)).toHaveLength(1);
  });

  test("tell of a downgraded link and of its return, and forget it when its instance restarts", () => {
    const tracker = createOutageTracker();
    const about = { backend: "prod-1", message: "The replication link prod-1→prod-2 was downgraded." };
    tracker.observe([entry("link-downgraded", about)], 0);
    expect(tracker.due(3_000)).toEqual([
      {
        title: "A link of prod-1 was downgraded",
        body: about.message,
        wish: { do: "show", screen: "pools" },
      },
    ]);
    tracker.observe([entry("link-restored", about)], 4_000);
    expect(tracker.due(4_000).map(({ title }) => title)).toEqual(["A link of prod-1 is sync again"]);
    tracker.observe([entry("link-downgraded", about)], 5_000);
    expect(tracker.due(8_000)).toHaveLength(1);
    tracker.observe([entry("backend-restarted", about)], 9_000);
    expect(tracker.due(9_000)).toEqual([]);
    tracker.observe([entry("link-downgraded", about)], 10_000);
    expect(tracker.due(13_000)).toHaveLength(1);
  });

  test("say nothing of what is muted, and of its recovery only where its outage was told", () => {
    const muted = new Set(["a"]);
    const tracker = createOutageTracker((subject) => "route" in subject && muted.has(subject.route));
    tracker.observe([entry("route-failed", { route: "a" }), entry("route-failed", { route: "b" })], 0);
    tracker.observe([entry("role-exceeded", { route: "a" })], 0);
    expect(tracker.due(3_000).map(({ title }) => title)).toEqual(["Route b has failed"]);
    expect(tracker.hasPending()).toBe(false);
    muted.delete("a");
    muted.add("b");
    tracker.observe(
      [entry("route-listening", { route: "a" }), entry("route-listening", { route: "b" })],
      4_000,
    );
    expect(tracker.due(4_000)).toEqual([]);
    tracker.observe([entry("route-failed", { route: "a" })], 5_000);
    expect(tracker.due(8_000).map(({ title }) => title)).toEqual(["Route a has failed"]);
  });
});

test.each([
  ["a route that is muted", { route: "in" }, ["in"], true],
  ["a route that is not", { route: "in" }, ["views"], false],
  ["a backend with one route of two muted", { backend: "b1" }, ["in"], false],
  ["a backend whose routes, also those by a pool, are all muted", { backend: "b1" }, ["in", "views"], true],
  ["a backend that no route in use leads to", { backend: "b3" }, ["in", "views", "off"], false],
] as const)("%s is quiet or not", (_title, subject, muted, quiet) => {
  const config: ShuntConfig = {
    version: 1,
    tunnels: [],
    backends: [{ id: "b1" }, { id: "b2" }, { id: "b3" }],
    pools: [{ id: "p", members: ["b1", "b2"] }],
    routes: [
      { id: "in", listen: "1", transport: "amps", target: "b1" },
      { id: "views", listen: "2", transport: "amps", target: "p" },
      { id: "off", listen: "3", transport: "amps", target: "b3", enabled: false },
    ],
  };
  expect(isQuiet(subject, config, muted)).toBe(quiet);
});
