import { describe, expect, test } from "vitest";
import { chooseBounds, type Bounds } from "../../main/desktop/window-bounds.ts";

const left: Bounds = { x: 0, y: 0, width: 1920, height: 1040 };
const right: Bounds = { x: 1920, y: 200, width: 1280, height: 984 };
const at = (x: number, y: number, width = 1000, height = 700): Bounds => ({ x, y, width, height });

describe("the window opens where an operator can see and grab it", () => {
  test.each([
    ["as it was left", at(100, 80), [left, right], at(100, 80)],
    ["on the second display", at(2000, 300), [left, right], at(2000, 300)],
    ["partly off the left edge, still grabbable", at(-800, 80), [left], at(-800, 80)],
    ["partly below the bottom edge", at(100, 900), [left], at(100, 900)],
    ["centred again when its display is gone", at(2000, 300), [left], at(460, 170)],
    ["centred again when its title bar is above the screen", at(100, -10), [left], at(460, 170)],
    ["centred again when its title bar is below the screen", at(100, 1030), [left], at(460, 170)],
    ["centred again when only a sliver is on the screen", at(1850, 80), [left], at(460, 170)],
    ["shrunk to the display", at(0, 0, 5000, 3000), [left], at(0, 0, 1920, 1040)],
    ["grown to the minimum", at(10, 10, 200, 100), [left], at(10, 10, 800, 600)],
    ["at the minimum on a display smaller than that", at(0, 0), [at(0, 0, 640, 480)], at(0, 0, 800, 600)],
  ])("%s", (_title, saved, areas, expected) => {
    expect(chooseBounds(saved, areas)).toEqual(expected);
  });

  test("the first time centred on the primary display", () => {
    expect(chooseBounds(null, [right, left])).toEqual({ x: 1920, y: 282, width: 1280, height: 820 });
  });

  test("somewhere, even when no display is reported", () => {
    expect(chooseBounds(null, [])).toEqual({ x: 0, y: 0, width: 1280, height: 820 });
  });
});
