import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ActivityEntry } from "../../app/contract/activity.ts";
import { createActivityLog, type ActivityLog, type ActivityNote } from "../../app/engine/activity-log.ts";

let log: ActivityLog;
let told: ActivityEntry[][];

const refused: ActivityNote = {
  event: "connection-refused",
  severity: "warning",
  code: "ROUTE_HELD",
  route: "r",
  message: "held",
};
const listening: ActivityNote = {
  event: "route-listening",
  severity: "info",
  route: "r",
  message: "r is listening",
};

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-01-01T00:00:00Z") });
  log = createActivityLog();
  told = [];
  log.onEntries((entries) => told.push([...entries]));
});

afterEach(() => {
  log.close();
  vi.useRealTimers();
});

test("entries are numbered, timed, and told as they come", () => {
  log.note(listening);
  vi.advanceTimersByTime(1_500);
  log.note(refused);
  expect(log.entries()).toEqual([
    { ...listening, sequence: 1, time: "2026-01-01T00:00:00.000Z" },
    { ...refused, sequence: 2, time: "2026-01-01T00:00:01.500Z" },
  ]);
  expect(told).toEqual(log.entries().map((entry) => [entry]));
});

describe("like entries in quick succession", () => {
  test("are one entry, however many state changes came between them", () => {
    log.note(refused);
    for (let change = 0; change < 1_100; change++) log.note(listening);
    log.note(refused);
    expect(log.entries()).toHaveLength(1_000);
    expect(log.entries().filter(({ event }) => event === refused.event)).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(told.at(-1)).toMatchObject([{ event: refused.event, count: 2 }]);
  });

  test("are one entry with a count, told at once and then once a second", () => {
    for (let ms = 0; ms < 5_000; ms += 10) {
      log.note({ ...refused, message: `held at ${ms}` });
      vi.advanceTimersByTime(10);
    }
    expect(log.entries()).toEqual([
      { ...refused, sequence: 1, count: 500, message: "held at 4990", time: "2026-01-01T00:00:04.990Z" },
    ]);
    expect(told.length).toBeGreaterThanOrEqual(5);
    expect(told.length).toBeLessThanOrEqual(7);
    vi.advanceTimersByTime(1_000);
    expect(told.at(-1)).toEqual(log.entries());
  });

  test("begin a new entry after ten seconds, so that a lasting trouble stays in sight", () => {
    for (let second = 0; second <= 20; second++) {
      log.note(refused);
      vi.advanceTimersByTime(1_000);
    }
    expect(log.entries().map((entry) => [entry.sequence, entry.count ?? 1])).toEqual([
      [1, 10],
      [2, 10],
      [3, 1],
    ]);
  });

  test("fold only where event, code, route and backend agree", () => {
    const kinds: readonly ActivityNote[] = [
      refused,
      { ...refused, route: "s" },
      { ...refused, code: "CONNECT_REFUSED" },
      { ...refused, backend: "b" },
      { ...refused, event: "connection-failed" },
      { ...refused, event: "connection-closed" },
    ];
    for (const note of [...kinds, ...kinds]) log.note(note);
    expect(log.entries().map((entry) => entry.count)).toEqual(kinds.map(() => 2));
  });

  test.each([
    "engine-started",
    "config-applied",
    "route-listening",
    "route-failed",
    "route-draining",
    "route-stopped",
    "route-held",
    "backend-up",
    "backend-down",
    "connection-cut",
    "sandbox-changed",
  ] as const)("stay apart where each tells something: %s", (event) => {
    for (let at = 0; at < 3; at++) log.note({ ...listening, event });
    expect(log.entries().map((entry) => entry.count)).toEqual([undefined, undefined, undefined]);
    expect(told).toHaveLength(3);
  });
});

test("at most 1,000 are kept, the newest", () => {
  for (let at = 0; at < 1_200; at++) log.note(listening);
  expect(log.entries()).toHaveLength(1_000);
  expect(log.entries()[0]?.sequence).toBe(201);
  expect(log.entries().at(-1)?.sequence).toBe(1_200);
});

test("a listener that has left is told nothing, and a closed log tells nothing late", () => {
  const heard: unknown[] = [];
  const leave = log.onEntries((entries) => heard.push(entries));
  log.note(refused);
  leave();
  log.note(listening);
  expect(heard).toHaveLength(1);
  log.note(refused);
  const before = told.length;
  log.close();
  vi.advanceTimersByTime(10_000);
  expect(told).toHaveLength(before);
});
