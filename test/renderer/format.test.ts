import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatClock,
  formatDuration,
  formatRoughAge,
  formatShortCount,
  formatZone,
  formatLatency,
  formatRate,
  plural,
} from "../../renderer/src/design/format.ts";
import { needleDegrees, swingTo } from "../../renderer/src/frame/needle-degrees.ts";

describe("figures", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 KB"],
    [9_994, "9.99 KB"],
    [9_996, "10.0 KB"],
    [99_960, "100 KB"],
    [999_499, "999 KB"],
    [999_500, "1.00 MB"],
    [1_610_000, "1.61 MB"],
    [3.2e12, "3.20 TB"],
    [-5, "0 B"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("say per second where they are rates", () => {
    expect(formatRate(12_300)).toBe("12.3 KB/s");
  });

  it.each([
    [0, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_900_000, "1 h 05 min"],
    [90_000_000, "1 d 1 h"],
    [-1, "0 s"],
  ])("%d ms are %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    const [value = "", unit = ""] = text.split(" ");
    expect(formatRoughAge("1970-01-01T00:00:00.000Z", ms)).toBe(`${value} ${unit}`);
  });

  it.each([
    [1.44, "1.4 ms"],
    [12.6, "13 ms"],
    [1250, "1.3 s"],
  ])("a probe of %d ms took %s", (ms, text) => {
    expect(formatLatency(ms)).toBe(text);
  });

  it.each([
    [999, "999"],
    [1_240, "1.2K"],
    [12_345, "12K"],
    [3_000_000, "3M"],
  ])("%d in few letters are %s", (count, text) => {
    expect(formatShortCount(count)).toBe(text);
  });

  it("name the day only where it is not today", () => {
    const now = new Date(2026, 0, 5, 12, 0, 0);
    expect(formatClock(new Date(2026, 0, 5, 9, 3, 7).toISOString(), now)).toBe("09:03:07");
    expect(formatClock(new Date(2026, 0, 4, 23, 59, 59).toISOString(), now)).toBe("2026-01-04 23:59:59");
  });

  it.each([
    [0, "UTC"],
    [-120, "UTC+2"],
    [-345, "UTC+5:45"],
    [210, "UTC−3:30"],
  ])("of a clock %i minutes behind UTC are in %s", (offset, zone) => {
    const now = new Date();
    now.getTimezoneOffset = () => offset;
    expect(formatZone(now)).toBe(zone);
  });

  it("count one and many", () => {
    expect(plural(1, "connection")).toBe("1 connection");
    expect(plural(1200, "entry", "entries")).toBe("1,200 entries");
  });
});

describe("the needle", () => {
  it("rests without load, stands upright at 1 MB/s and never leaves its dial", () => {
    expect(needleDegrees(0)).toBe(-62);
    expect(needleDegrees(1e6)).toBeCloseTo(0);
    expect(needleDegrees(1e12)).toBe(62);
  });

  it("stays where it is while a load varies by a third, moves when it doubles, and finds its rest", () => {
    const stands = needleDegrees(1e8);
    for (const load of [0.75e8, 1e8, 1.33e8]) expect(swingTo(stands, load)).toBe(stands);
    expect(swingTo(stands, 2e8)).toBe(needleDegrees(2e8));
    expect(swingTo(-61, 0)).toBe(-62);
  });
});
