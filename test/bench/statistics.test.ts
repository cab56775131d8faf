import { expect, test } from "vitest";
import { median, pairedRatio, rotated, summarise } from "./statistics.ts";

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])("the median of %j is %d", (values, expected) => {
  expect(median(values)).toBe(expected);
});

test("nothing measured is no summary", () => {
  expect(summarise([])).toBeNull();
  expect(median([])).toBeNaN();
});

test("a summary has the median, and the quartiles around it", () => {
  expect(summarise([5, 1, 9, 2])).toMatchObject({ median: 3.5, quartiles: { from: 1.75, to: 6 } });
  expect(summarise([4])).toEqual({ median: 4, quartiles: { from: 4, to: 4 }, interval: { from: 4, to: 4 } });
});

// What the binomial distribution's tables have: n values, and the ranks that hold the median with 95 %.
test.each([
  [5, 1],
  [6, 1],
  [8, 1],
  [9, 2],
  [21, 6],
  [40, 14],
])("of %d values the median lies between those from the %d. from either end", (count, rank) => {
  const values = Array.from({ length: count }, (_, index) => index + 1);
  expect(summarise(values)?.interval).toEqual({ from: rank, to: count + 1 - rank });
});

test("a ratio pairs rounds, so that a slow round slows both", () => {
  // The second round was ten times slower for everybody; the medians alone would say 200 / 101.
  expect(pairedRatio([200, 20, 220], [100, 10, 101])?.median).toBe(2);
});

test("a ratio leaves out rounds that lack a value, or whose peer did nothing", () => {
  expect(pairedRatio([null, 30, 5, 8], [10, 10, null, 0])).toEqual(summarise([3]));
  expect(pairedRatio([1], [null])).toBeNull();
});

test("over the rounds, everyone is first once, and neighbours change", () => {
  const items = ["a", "b", "c", "d"];
  const orders = [0, 1, 2, 3].map((round) => rotated(items, round));
  for (const order of orders) expect([...order].sort()).toEqual(items);
  expect(new Set(orders.map((order) => order[0])).size).toBeGreaterThan(1);
  expect(new Set(orders.map((order) => order.join(""))).size).toBe(4);
  expect(rotated([], 3)).toEqual([]);
});
