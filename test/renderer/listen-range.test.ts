/** A range of ports in the form of a new route. */
import { describe, expect, it } from "vitest";
import type { RouteConfig } from "../../app/contract/config.ts";
import { routesOfRange } from "../../renderer/src/route-sheet/listen-range.ts";
import { previewRange } from "../../renderer/src/route-sheet/route-preview.ts";
import { sortRouteProblems } from "../../renderer/src/route-sheet/route-problems.ts";

const typed: RouteConfig = {
  id: "in",
  listen: "127.0.0.1:9007-9010",
  transport: "amps",
  target: "prod-1",
  note: "desk",
};
const ports = (listen: string) => routesOfRange({ ...typed, listen }, true).routes.map((one) => one.listen);

describe("a range of ports", () => {
  it("is a route for each, alike but for name and port", () => {
    const { routes, problem } = routesOfRange(typed, true);
    expect(problem).toBeNull();
    expect(routes).toEqual(
      [9007, 9008, 9009, 9010].map((port) => ({ ...typed, id: `in-${port}`, listen: `127.0.0.1:${port}` })),
    );
  });

  it.each([
    ["9007-9008", ["9007", "9008"]],
    ["[::1]:9007 - 9008", ["[::1]:9007", "[::1]:9008"]],
    ["host-1:9007-9008", ["host-1:9007", "host-1:9008"]],
    ["host-1:9007", ["host-1:9007"]],
    ["127.0.0.1:9007-", ["127.0.0.1:9007-"]],
  ])("%s", (listen, expected) => {
    expect(ports(listen)).toEqual(expected);
  });

  it("has 100 ports at most", () => {
    expect(ports("9001-9100")).toHaveLength(100);
    expect(ports("65500-65600")).toEqual(["65500-65600"]);
  });

  const path = { id: "p", listen: "9007-9010", path: "/p", target: "prod-1" };
  it.each([
    ["of an existing route", typed, false, "this is one that there is already"],
    ["of a path route", path, true, "path routes share one"],
    ["that is reversed", { ...typed, listen: "9010-9007" }, true, "from a lower port to a higher one"],
    ["of one port", { ...typed, listen: "9007-9007" }, true, "from a lower port to a higher one"],
    ["that is huge", { ...typed, listen: "1-65535" }, true, "at most 100 ports; this one would be of 65535"],
  ] as const)("%s is refused with the reason", (_what, route, isNew, reason) => {
    expect(routesOfRange(route, isNew)).toEqual({
      routes: [route],
      problem: expect.stringContaining(reason),
    });
  });

  it("says what it makes, and that all lead to one target", () => {
    const preview = (route: RouteConfig) => previewRange(route, routesOfRange(route, true).routes).text;
    expect(preview(typed)).toBe(
      "4 routes: in-9007 … in-9010. They listen on 127.0.0.1:9007-9010 for amps traffic. All lead to the same target, prod-1.",
    );
    expect(preview({ ...typed, id: "", target: "", listen: "9007-9008", enabled: false })).toBe(
      "2 routes. Saved, and not listened on until you start them. All lead to the same target.",
    );
  });

  it("shows the first problem of a field, and how many more there are", () => {
    const problems = [
      { path: "routes[3].listen", message: "9008 is taken." },
      { path: "routes[4].listen", message: "9009 is taken." },
      { path: "routes[3].target", message: "Unknown." },
      { path: "routes[4].target", message: "Unknown." },
      { path: "routes[5].id", message: "Of another row." },
    ];
    const sorted = sortRouteProblems(problems, ["routes[2]", "routes[3]", "routes[4]"], null);
    expect([...sorted.byField]).toEqual([
      ["listen", "9008 is taken. The like for 1 more of the range."],
      ["target", "Unknown."],
    ]);
    expect(sorted.elsewhere.map((one) => one.path)).toEqual(["routes[5].id"]);
  });
});
