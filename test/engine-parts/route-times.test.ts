import { expect, test } from "vitest";
import { RouteTimes, type RouteLook } from "../../app/engine/route-times.ts";

const fine: RouteLook = { state: "listening", reason: null, targetHealth: "up", targetReason: null };
const down: RouteLook = { ...fine, targetHealth: "down", targetReason: "b: refused." };

function setUp() {
  let nowMs = 0;
  const times = new RouteTimes(() => nowMs);
  return {
    times,
    at(seconds: number, look: RouteLook, id = "r") {
      nowMs = seconds * 1_000;
      return times.of(id, look);
    },
  };
}

const second = (at: number) => new Date(at * 1_000).toISOString();

test("a route that stays as it is keeps its time, as the same object: its row does not change", () => {
  const { at } = setUp();
  const first = at(1, fine);
  expect(first).toEqual({ since: second(1), lastTrouble: null });
  expect(at(2, { ...fine, targetHealth: "unknown" })).toBe(first);
  expect(at(3, { ...fine, reason: "other words" })).toBe(first);
});

test.each<readonly [string, RouteLook, string]>([
  ["its target goes down", down, "b: refused."],
  ["some of its targets do", { ...down, targetHealth: "degraded" }, "b: refused."],
  ["it fails", { ...fine, state: "failed", reason: "taken" }, "taken"],
  ["it is held", { ...fine, state: "held", reason: "async" }, "async"],
  ["it is degraded", { ...fine, state: "degraded", reason: "one down" }, "one down"],
])("%s: it counts from then, and what was wrong is remembered afterwards", (_what, trouble, reason) => {
  const { at } = setUp();
  at(1, fine);
  expect(at(5, trouble)).toEqual({ since: second(5), lastTrouble: { at: second(5), reason } });
  expect(at(9, fine)).toEqual({ since: second(9), lastTrouble: { at: second(5), reason } });
});

test("a stop, a start and a restart begin anew, and are no trouble", () => {
  const { at, times } = setUp();
  at(1, fine);
  expect(at(2, { ...fine, state: "stopped" })).toEqual({ since: second(2), lastTrouble: null });
  at(3, fine);
  times.renew("r");
  expect(at(4, fine)).toEqual({ since: second(4), lastTrouble: null });
});

test("routes that are gone are forgotten", () => {
  const { at, times } = setUp();
  at(1, down);
  at(1, fine, "other");
  times.forget((id) => id === "other");
  expect(at(7, fine)).toEqual({ since: second(7), lastTrouble: null });
  expect(at(7, fine, "other").since).toBe(second(1));
});
