import { expect, test } from "vitest";
import { figuresWithin } from "./windows.ts";

/** Slices of 10 ms from 1,000 ms on the clock. */
const course = {
  startedMs: 1_000,
  slices: [
    [10, 100, 40],
    [20, 200, 41],
    [30, 300, 42],
    [41, 440, 43],
    [50, 900, 99],
  ] as const,
};

test("only slices that lie within a window count, each for as long as it lasted", () => {
  const figures = figuresWithin(course, [{ fromMs: 1_005, toMs: 1_045, cpuSeconds: 0.02 }]);
  expect(figures.perSecond).toBeCloseTo((200 + 300 + 440) / 0.031);
  expect(figures.p50).toBe(42);
  // Half a processor, whatever the window cuts off at its ends.
  expect(figures.cpuPerUnit).toBeCloseTo(0.5 / figures.perSecond, 9);
});

test("windows are taken together", () => {
  const figures = figuresWithin(course, [
    { fromMs: 1_000, toMs: 1_010, cpuSeconds: 0.005 },
    { fromMs: 1_020, toMs: 1_041, cpuSeconds: 0.021 },
  ]);
  expect(figures.perSecond).toBeCloseTo((100 + 300 + 440) / 0.031);
  expect(figures.cpuPerUnit).toBeCloseTo(0.026 / 0.031 / figures.perSecond, 9);
  expect(figures.p50).toBe(42);
});

test("a window of which the course has nothing is an error, not a figure", () => {
  const before = { fromMs: 900, toMs: 1_005, cpuSeconds: 0 };
  const seen = { fromMs: 1_000, toMs: 1_030, cpuSeconds: 0 };
  expect(() => figuresWithin(course, [seen, before])).toThrow("the measure ended before what it was to show");
});
