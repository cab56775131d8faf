/** A row that was kept is what would have been made anew. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RouteConfig } from "../../app/contract/config.ts";
import { RouteRows, type ObservedRoutes } from "../../app/engine/route-rows.ts";
import { failure } from "../../app/failures.ts";
import type { Totals } from "../../app/forward/connection-registry.ts";

const routes: readonly RouteConfig[] = [
  { id: "port", listen: "127.0.0.1:9007", transport: "amps", target: "b" },
  { id: "path", listen: "0.0.0.0:8080", path: "/prod", target: "pool" },
  { id: "guarded", listen: "127.0.0.1:9008", transport: "amps", target: "pool", clients: "publishers" },
  { id: "sticky", listen: "127.0.0.1:9009", transport: "amps", target: "pool", sticky: "client-name" },
  { id: "off", listen: "127.0.0.1:9010", transport: "amps", target: "b", enabled: false },
];
const backend = (id: string) => ({ id, amps: `tcp://${id}:9007`, admin: `http://${id}:8085` });
const config = {
  version: 1 as const,
  tunnels: [],
  backends: ["b", "c"].map(backend),
  pools: [{ id: "pool", members: ["b", "c"] }],
  routes,
};

/** Objects that the parts of an engine keep for as long as nothing changes. */
const listeners = [
  null,
  { state: { is: "listening" } },
  { state: { is: "starting" } },
  { state: { is: "closed" } },
  { state: { is: "failed", failure: failure("PORT_IN_USE", "127.0.0.1:9007 is taken.") } },
  { state: { is: "failed", failure: failure("PORT_FORBIDDEN", "127.0.0.1:9007 is taken.") } },
];
const sessions = [null, { listen: "127.0.0.1:9011", instead: { listen: "127.0.0.1:9007", reason: "taken" } }];
const since = "2026-01-01T00:00:00.000Z";
const times = [
  { since, lastTrouble: null },
  { since: "2026-01-02T00:00:00.000Z", lastTrouble: null },
  { since, lastTrouble: { at: since, reason: "refused" } },
];
const healths = [
  { health: "up", reason: null },
  { health: "down", reason: "refused" },
  { health: "unknown", reason: null },
];

const pick = (most: number) => fc.nat(most - 1);
const look = fc.record({
  listener: pick(listeners.length),
  session: pick(sessions.length),
  time: pick(times.length),
  health: fc.array(pick(healths.length), { minLength: 2, maxLength: 2 }),
  held: fc.constantFrom(null, "The link is async."),
  conditions: fc.constantFrom(null, "slow"),
  open: fc.nat(1),
  total: fc.nat(1),
  refused: fc.nat(1),
  bytes: fc.nat(1),
  rate: fc.nat(1),
});
type Look = typeof look extends fc.Arbitrary<infer Made> ? Made : never;

/** A look, and then others that differ from the one before in one thing each. */
const looks = fc
  .tuple(look, fc.array(fc.tuple(look, fc.nat(10)), { maxLength: 12 }))
  .map(([first, others]) => {
    const made = [first];
    for (const [other, at] of others) {
      const key = (Object.keys(other) as (keyof Look)[])[at] ?? "time";
      made.push({ ...(made.at(-1) ?? first), [key]: other[key] });
    }
    return made;
  });

/** As an engine would show it: figures are made anew each time, what is kept there is the same object. */
function observed(seen: Look): readonly [ObservedRoutes, ReadonlyMap<string, Totals>] {
  const count = (value: number) => ({ toBackend: value, toClient: 2 * value });
  const totals = {
    connections: { open: seen.open, total: seen.total, refused: seen.refused },
    bytes: count(seen.bytes),
  };
  const parts = {
    config,
    leaving: [],
    listeners: { of: () => listeners[seen.listener], sessionListenOf: () => sessions[seen.session] },
    health: { of: (id: string) => healths[seen.health[id === "b" ? 0 : 1] ?? 0] },
    guards: {
      namedHeld: () => seen.held,
      placeOf: () => (seen.held === null ? { to: "b" } : { held: seen.held }),
    },
    conditions: {
      statusOf: () =>
        seen.conditions && { conditions: { latencyMs: 5 }, until: "later", says: seen.conditions },
    },
    times: { of: () => times[seen.time] },
    routeRates: { of: () => count(seen.rate) },
  };
  return [parts as unknown as ObservedRoutes, new Map(routes.map(({ id }) => [id, totals]))];
}

test("whatever was seen before, the rows are those that a first look would make", () => {
  fc.assert(
    fc.property(looks, (seen) => {
      const rows = new RouteRows();
      for (const one of seen)
        expect(rows.update(...observed(one))).toEqual(new RouteRows().update(...observed(one)));
    }),
    { numRuns: 1_000 },
  );
});

test("a route that is as it was keeps its row as an object; one under conditions is made anew", () => {
  fc.assert(
    fc.property(look, (one) => {
      const rows = new RouteRows();
      const [first, second] = [rows.update(...observed(one)), rows.update(...observed(one))];
      for (const [at, row] of second.entries()) expect(row === first[at]).toBe(one.conditions === null);
    }),
  );
});
