import { describe, expect, test } from "vitest";
import { countTroubled, trayModel, type TrayItem } from "../../main/desktop/tray-model.ts";
import { countTrouble } from "../../renderer/src/routes/route-condition.ts";
import { config, route, routeStatus, snapshot } from "./facts.ts";

const twoEnvironments = config({
  backends: [{ id: "prod-1", environment: "prod" }, { id: "uat-1", environment: "uat" }, { id: "bare" }],
  pools: [{ id: "uat", members: ["uat-1"] }],
  routes: [
    route("orders"),
    route("views", { target: "uat", enabled: false }),
    route("scratch", { target: "bare" }),
  ],
});

const listening = [
  routeStatus("orders", { connections: { open: 2, total: 2, refused: 0 } }),
  routeStatus("views", { state: "stopped" }),
  routeStatus("scratch", { connections: { open: 1, total: 2, refused: 0 } }),
];

const model = (routes = listening, differs: { engineAlive?: boolean } = {}) =>
  trayModel({ config: twoEnvironments, snapshot: snapshot({ routes }), engineAlive: true, ...differs });

const conditions = {
  conditions: { latencyMs: 200 },
  until: "2026-01-01T00:15:00.000Z",
  says: "latency 200 ms",
};

const labels = (items: readonly TrayItem[]) => items.map((item) => ("label" in item ? item.label : "—"));

describe("the tray", () => {
  test("groups routes by the environment of their backend or pool, those without one last", () => {
    const groups = model().items.filter((item) => item.kind === "group");
    const routesOf = (items: readonly TrayItem[]) => labels(items.filter(({ kind }) => kind === "route"));
    expect(groups.map((group) => [group.label, routesOf(group.items)])).toEqual([
      ["prod", ["orders"]],
      ["uat", ["views"]],
      ["No environment", ["scratch"]],
    ]);
  });

  test("starts and stops a group by itself", () => {
    const [prod, uat] = model().items.filter((item) => item.kind === "group");
    expect(prod?.items.slice(-3, -1)).toEqual([
      { kind: "enable", label: "Start all in prod", ids: [], enabled: true },
      { kind: "enable", label: "Stop all in prod", ids: ["orders"], enabled: false },
    ]);
    expect(uat?.items.slice(-2)).toMatchObject([{ ids: ["views"] }, { ids: [] }]);
  });

  test("restarts any route that is started, and says what that would end", () => {
    const [prod, uat, bare] = model().items.filter((item) => item.kind === "group");
    const restart = (label: string) => ({
      kind: "group",
      label: "Restart",
      items: [{ kind: "restart", id: label.split(" ")[0], label }],
    });
    expect(prod?.items.at(-1)).toEqual(restart("orders (2 connections)"));
    expect(bare?.items.at(-1)).toEqual(restart("scratch (1 connection)"));
    expect(labels(uat?.items ?? [])).not.toContain("Restart");
  });

  test("lists the routes without groups when there is only one environment", () => {
    const { items } = trayModel({
      config: { ...twoEnvironments, routes: [route("orders"), route("more")] },
      snapshot: snapshot(),
      engineAlive: true,
    });
    expect(labels(items.filter((item) => item.kind === "group"))).toEqual(["Restart"]);
    expect(labels(items)).toEqual(expect.arrayContaining(["orders", "more", "Restart"]));
  });

  test("checks the routes that are enabled, whatever their state", () => {
    const routes = model([routeStatus("orders", { state: "failed" })]).items.flatMap((item) =>
      item.kind === "group" ? item.items : [],
    );
    expect(routes).toContainEqual({ kind: "route", id: "orders", label: "orders (failed)", enabled: true });
    expect(routes).toContainEqual({ kind: "route", id: "views", label: "views", enabled: false });
  });

  test("says how many routes are started and how many connections are open", () => {
    expect(labels(model().items).slice(0, 2)).toEqual(["2 of 3 routes started", "3 connections"]);
    expect(model().tooltip).toBe("Shunt: 2 of 3 routes started");
  });

  test("starts all that is off and stops all that is on, and ends with Open and Quit", () => {
    const { items } = model();
    expect(items).toContainEqual({ kind: "enable", label: "Start all", ids: ["views"], enabled: true });
    expect(items).toContainEqual({
      kind: "enable",
      label: "Stop all",
      ids: ["orders", "scratch"],
      enabled: false,
    });
    expect(labels(items).slice(-3)).toEqual(["—", "Open Shunt", "Quit Shunt"]);
  });

  test.each([
    ["ok while everything wanted works", listening, "ok"],
    [
      "idle while nothing is started",
      [routeStatus("orders", { state: "stopped", targetHealth: "down" })],
      "idle",
    ],
    ["a warning when a route has failed", [routeStatus("orders", { state: "failed" })], "warn"],
    ["a warning when a route is held", [routeStatus("orders", { state: "held" })], "warn"],
    [
      "a warning when a route listens and its backend is down",
      [routeStatus("orders", { targetHealth: "down" })],
      "warn",
    ],
  ])("shows %s", (_title, routes, icon) => {
    expect(model(routes).icon).toBe(icon);
  });

  test.each(
    (["stopped", "starting", "listening", "held", "degraded", "draining", "failed"] as const).flatMap(
      (state) =>
        (["up", "degraded", "down", "unknown"] as const).map(
          (targetHealth) => [state, targetHealth] as const,
        ),
    ),
  )("counts a route that is %s before a target that is %s as the window does", (state, targetHealth) => {
    const status = routeStatus("orders", { state, targetHealth });
    expect(countTroubled([status])).toBe(countTrouble([status]));
  });

  test.each([
    [{ targetHealth: "degraded" }, "orders (backend degraded)"],
    [{ state: "failed", conditions }, "orders (failed, under conditions)"],
    [{ conditions }, "orders (under conditions)"],
    [{ state: "draining", targetHealth: "down" }, "orders (draining)"],
  ] as const)("names what is the matter with a route: %o", (differs, label) => {
    const [group] = model([routeStatus("orders", differs)]).items.filter((item) => item.kind === "group");
    expect(labels(group?.items ?? [])[0]).toBe(label);
  });

  test("says the trouble in words too", () => {
    expect(model([routeStatus("orders", { targetHealth: "down" })]).tooltip).toBe(
      "Shunt: 1 of 3 routes started, 1 in trouble",
    );
  });

  test("warns while the engine is dead, and is idle before anything is known", () => {
    expect(model(listening, { engineAlive: false }).icon).toBe("warn");
    expect(trayModel({ config: null, snapshot: null, engineAlive: true })).toMatchObject({ icon: "idle" });
  });

  test("offers a way out before anything is known", () => {
    expect(labels(trayModel({ config: null, snapshot: null, engineAlive: true }).items)).toContain(
      "Quit Shunt",
    );
  });
});
