import { expect, test } from "vitest";
import { Rates } from "../../app/engine/rates.ts";

function totals(values: Readonly<Record<string, readonly [toBackend: number, toClient: number]>>) {
  return new Map(
    Object.entries(values).map(
      ([id, [toBackend, toClient]]) => [id, { bytes: { toBackend, toClient } }] as const,
    ),
  );
}

test("a rate is what came in since the last sample, per second", () => {
  const rates = new Rates();
  rates.sample(totals({ a: [100, 0], b: [0, 50] }), 1_000);
  expect(rates.of("a")).toEqual({ toBackend: 100, toClient: 0 });
  rates.sample(totals({ a: [100, 700], b: [0, 60] }), 1_000);
  expect(rates.of("a")).toEqual({ toBackend: 0, toClient: 700 });
  expect(rates.of("b")).toEqual({ toBackend: 0, toClient: 10 });
});

test.each([
  [500, 2_000],
  [2_000, 500],
  [1_003, 997],
])("a sample that came after %i ms counts for a second: %i", (elapsedMs, expected) => {
  const rates = new Rates();
  rates.sample(totals({ a: [1_000, 0] }), elapsedMs);
  expect(rates.of("a").toBackend).toBe(expected);
});

test("counters that began anew never give a negative rate", () => {
  const rates = new Rates();
  rates.sample(totals({ a: [1_000, 1_000] }), 1_000);
  rates.sample(totals({ a: [10, 0] }), 1_000);
  expect(rates.of("a")).toEqual({ toBackend: 0, toClient: 0 });
  rates.sample(totals({ a: [30, 0] }), 1_000);
  expect(rates.of("a").toBackend).toBe(20);
});

test("the history is the last minute, oldest first, and a copy", () => {
  const rates = new Rates();
  for (let second = 1; second <= 75; second++)
    rates.sample(totals({ a: [(second * (second + 1)) / 2, 0] }), 1_000);
  const history = rates.history()["a"] ?? [];
  expect(history.map((one) => one.toBackend)).toEqual(Array.from({ length: 60 }, (_, at) => at + 16));
  (history as unknown[]).length = 0;
  expect(rates.history()["a"]).toHaveLength(60);
});

test("what is gone has no rate and no history", () => {
  const rates = new Rates();
  rates.sample(totals({ a: [5, 5], b: [5, 5] }), 1_000);
  rates.sample(totals({ b: [6, 5] }), 1_000);
  expect(rates.of("a")).toEqual({ toBackend: 0, toClient: 0 });
  expect(Object.keys(rates.history())).toEqual(["b"]);
  expect(rates.of("never")).toEqual({ toBackend: 0, toClient: 0 });
});
