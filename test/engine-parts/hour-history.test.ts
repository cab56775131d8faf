import { expect, test } from "vitest";
import { HourHistory } from "../../app/engine/hour-history.ts";

const totals = (toBackend: number, toClient: number, open: number) =>
  new Map([
    ["a", { bytes: { toBackend, toClient }, connections: { open, total: open, refused: 0 } }] as const,
  ]);

test("a step holds bytes per second and what was open at its end, oldest first", () => {
  const hours = new HourHistory();
  hours.sample(totals(15_000, 0, 1), 15_000);
  hours.sample(totals(15_000, 48_000, 3), 16_000);
  expect(hours.of("a")).toEqual({
    stepSeconds: 15,
    toBackend: [1_000, 0],
    toClient: [0, 3_000],
    open: [1, 3],
  });
});

test("an hour is kept and no more", () => {
  const hours = new HourHistory();
  for (let n = 1; n <= 500; n++) hours.sample(totals(0, 0, n), 15_000);
  const { open, toClient } = hours.of("a");
  expect(open).toHaveLength(240);
  expect(toClient).toHaveLength(240);
  expect([open[0], open.at(-1)]).toEqual([261, 500]);
});

test("a route that was forgotten begins anew, and a strange one has no samples", () => {
  const hours = new HourHistory();
  hours.sample(totals(0, 0, 1), 15_000);
  hours.sample(new Map(), 15_000);
  expect(hours.of("a").open).toEqual([]);
  expect(hours.of("b")).toEqual({ stepSeconds: 15, toBackend: [], toClient: [], open: [] });
});

test("a counter that went back counts as nothing, not as less than nothing", () => {
  const hours = new HourHistory();
  hours.sample(totals(9_000, 0, 1), 15_000);
  hours.sample(totals(3_000, 0, 1), 15_000);
  expect(hours.of("a").toBackend).toEqual([600, 0]);
});
