import { expect, test } from "vitest";
import { describeChange } from "../../app/config/describe-change.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";

const rows = (ids: string, more: object = {}) =>
  ids
    .split(" ")
    .filter(Boolean)
    .map((id) => ({ id, listen: "9007", target: "b", ...more }));
const config = (routes: readonly object[], backends = "b"): ShuntConfig =>
  ({ version: 1, tunnels: [], backends: rows(backends), pools: [], routes }) as unknown as ShuntConfig;

test.each([
  [config(rows("a")), config(rows("a")), null],
  [config(rows("a c")), config(rows("c a")), null],
  [config([]), config(rows("a")), "route a added"],
  [config(rows("a c")), config(rows("a c", { note: "x" })), "routes a, c changed"],
  [config(rows("a")), config([], ""), "backend b removed; route a removed"],
  [config(rows("a d")), config(rows("e f g h d")), "4 routes added; route a removed"],
])("a change is told in a few words: %#", (before, next, told) => {
  expect(describeChange(before, next)).toBe(told);
});
