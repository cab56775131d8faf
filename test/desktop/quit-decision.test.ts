import { describe, expect, test } from "vitest";
import {
  countLive,
  decideClose,
  decideFirstShow,
  quitAnswers,
  quitQuestion,
} from "../../main/desktop/quit-decision.ts";
import { route, routeStatus } from "./facts.ts";

describe("quitting", () => {
  test("asks nothing while no connection is open", () => {
    expect(quitQuestion({ open: 0, publishers: 0 })).toBeNull();
  });

  test.each([
    [{ open: 1, publishers: 0 }, "1 connection will be cut"],
    [{ open: 3, publishers: 2 }, "3 connections (2 publishers) will be cut"],
    [{ open: 1200, publishers: 1 }, "1,200 connections (1 publisher) will be cut"],
  ])("says what %o would cost", (live, message) => {
    expect(quitQuestion(live)?.message).toBe(message);
  });

  test("every button has its answer, and closing the question cancels", () => {
    expect(quitQuestion({ open: 1, publishers: 0 })?.buttons.map((name) => name.toLowerCase())).toEqual(
      quitAnswers,
    );
    expect(quitAnswers[2]).toBe("cancel");
  });

  test("counts what the routes have open, and what of it is publishers'", () => {
    const live = countLive(
      [
        routeStatus("in", { connections: { open: 2, total: 9, refused: 0 } }),
        routeStatus("views", { connections: { open: 1, total: 1, refused: 0 } }),
      ],
      [route("in", { clients: "publishers" }), route("views", { clients: "subscribers" })],
    );
    expect(live).toEqual({ open: 3, publishers: 2 });
  });
});

describe("closing the window", () => {
  test.each([
    ["linux", true, false, "hide"],
    ["linux", false, false, "quit"],
    ["win32", true, false, "hide"],
    ["darwin", false, false, "hide"],
    ["linux", true, true, "close"],
    ["darwin", false, true, "close"],
  ])(
    "on %s with the tray visible: %s and quitting: %s means %s",
    (platform, trayVisible, quitting, expected) => {
      expect(decideClose({ platform, trayVisible, quitting })).toBe(expected);
    },
  );
});

test.each([
  [false, true, "front"],
  [false, false, "front"],
  [true, true, "hidden"],
  [true, false, "minimised"],
])(
  "started at login: %s, with a visible tray: %s, the window comes up %s",
  (startedAtLogin, trayVisible, shown) => {
    expect(decideFirstShow({ startedAtLogin, trayVisible })).toBe(shown);
  },
);
