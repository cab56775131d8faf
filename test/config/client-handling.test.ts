/** Where `sticky` and `enforceRole` can work, and what is said where they cannot. */
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../app/config/parse-config.ts";

function problems(route: object, pool: object = {}): readonly string[] {
  const parsed = parseConfig(
    {
      version: 1,
      backends: ["a", "b"].map((id) => ({
        id,
        amps: "tcp://h:1",
        websocket: "ws://h:2",
        admin: "http://h:3",
        replication: "tcp://h:4",
      })),
      pools: [{ id: "p", members: ["a", "b"], balance: "round-robin", ...pool }],
      routes: [{ id: "r", listen: "9007", target: "p", ...route }],
    },
    {},
  );
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
}

const sticky = { transport: "amps", sticky: "client-name" };

describe("sticky", () => {
  test.each(["publishers", "queue-consumers", "bookmark-subscribers", "mixed", undefined])(
    "works for %s on an amps port route to a balanced pool",
    (clients) => {
      expect(problems({ ...sticky, ...(clients && { clients }) })).toEqual([]);
    },
  );
  test.each(["round-robin", "least-connections", "least-load"])("works with %s", (balance) => {
    expect(problems(sticky, { balance })).toEqual([]);
  });
  test("works where the route itself ends TLS", () => {
    expect(problems({ ...sticky, tls: { certFile: "c", keyFile: "k" } })).toEqual([]);
  });
  test.each<[string, object, object, string]>([
    ["a backend", { ...sticky, target: "a" }, {}, "is for a pool"],
    ["replication", { ...sticky, transport: "replication" }, {}, "replication is never balanced or moved"],
    ["websocket", { ...sticky, transport: "websocket" }, {}, "needs transport amps"],
    ["admin", { ...sticky, transport: "admin" }, {}, "needs transport amps"],
    ["a path route", { path: "/p", sticky: "client-name" }, {}, "needs transport amps"],
    ["a preflight that is passed on", { ...sticky, preflight: "pass" }, {}, "needs preflight answer"],
    ["plain subscribers", { ...sticky, clients: "subscribers" }, {}, "is for guarded clients"],
    ["a pool that is not balanced", sticky, { balance: "primary" }, "needs a balanced pool"],
    ["a pool without a balance", sticky, { balance: undefined }, "needs a balanced pool"],
  ])("cannot work with %s", (_what, route, pool, says) => {
    expect(problems(route, pool)).toEqual([
      expect.stringMatching(new RegExp(`^routes\\[0\\]\\.sticky: .*${says}`)),
    ]);
  });
});

describe("enforceRole", () => {
  test.each([{ transport: "amps" }, { transport: "websocket" }, { path: "/p" }])("works on %j", (route) => {
    expect(problems({ ...route, clients: "subscribers", enforceRole: true })).toEqual([]);
  });
  test.each<[string, object, string]>([
    [
      "guarded clients",
      { transport: "amps", enforceRole: true },
      "is for routes whose clients are subscribers",
    ],
    ["admin", { transport: "admin", clients: "subscribers", enforceRole: true }, "no AMPS commands"],
    [
      "replication",
      { transport: "replication", clients: "subscribers", enforceRole: true },
      "no AMPS commands",
    ],
  ])("cannot work with %s", (_what, route, says) => {
    expect(problems(route)).toEqual([expect.stringContaining(`routes[0].enforceRole: `)]);
    expect(problems(route)[0]).toContain(says);
  });
  test("left off is no question", () => {
    expect(problems({ transport: "amps", enforceRole: false })).toEqual([]);
  });
});

test("weights that are 0 for every member are a problem, and for some of them none", () => {
  expect(problems({ transport: "amps" }, { weights: { a: 0, b: 0 } })).toEqual([
    "pools[0].weights: is 0 for every member, so that none would take a connection; give one a share",
  ]);
  expect(problems({ transport: "amps" }, { weights: { a: 0 } })).toEqual([]);
});
