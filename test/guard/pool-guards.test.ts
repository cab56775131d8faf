/** The guard's stories, with time at hand: the active member fails, and is back. */
import { describe, expect, test } from "vitest";
import { GuardDesk, trusted } from "./guard-desk.ts";

describe("when the active member fails", () => {
  test("clients go on at the next one, across a link last seen sync, and the move is told", () => {
    const desk = trusted();
    expect(desk.status.whatIf).toBe("If a failed now, r would go on at b: a→b is sync and connected.");
    desk.pass(0.5);
    desk.fail("a");
    expect(desk.place).toBe("b");
    expect(desk.status).toMatchObject({
      active: "b",
      held: null,
      activeSince: new Date(desk.nowMs).toISOString(),
    });
    expect(desk.notes.at(-1)).toMatchObject({
      event: "pool-moved",
      severity: "warning",
      message: expect.stringContaining("go to b instead of a: a→b is sync and connected"),
    });
  });

  test("and the link was downgraded, clients are held, with the link, how long ago and how far behind", () => {
    const desk = trusted();
    desk.pass(1);
    desk.sample("a", { type: "async", secondsBehind: 41 });
    expect(desk.notes.at(-1)).toMatchObject({
      event: "link-downgraded",
      severity: "warning",
      message: expect.stringContaining("a→b was downgraded, 41 s behind"),
    });
    expect(desk.status.whatIf).toBe(
      "If a failed now, r would be held: a→b was downgraded less than a minute ago, 41 s behind.",
    );
    desk.fail("a");
    desk.pass(18);
    expect(desk.place).toBe(
      "Held: a, the active member of pool p, does not take connections, and a→b was downgraded less than a minute ago, 41 s behind.",
    );
    expect(desk.notes.at(-1)).toMatchObject({
      event: "route-held",
      severity: "error",
      route: "r",
      code: "ROUTE_HELD",
    });
    desk.recover("a");
    expect(desk.place).toBe("a");
    expect(desk.events().at(-1)).toBe("route-released");
  });

  test.each<[string, (desk: GuardDesk) => void, string]>([
    ["nothing was ever seen of its links", () => undefined, "a→b was never seen"],
    [
      "its statistics had gone quiet while it still answered",
      (desk) => {
        desk.sample("a");
        desk.pass(1);
        desk.sample("a");
        desk.pass(3);
      },
      "longer before a stopped answering than its statistics hold good",
    ],
    [
      "it had restarted and silently restored sync",
      (desk) => {
        desk.sample("a", { type: "async" });
        desk.pass(1);
        desk.restartInstance("a");
        desk.pass(0.5);
        desk.sample("a");
      },
      "not confirmed yet",
    ],
    [
      "the link had been upgraded while still behind",
      (desk) => {
        desk.sample("a");
        desk.pass(1);
        desk.sample("a", { type: "async" });
        desk.pass(1);
        desk.sample("a", { secondsBehind: 9 });
      },
      "not yet caught up for sure, 9 s behind",
    ],
    [
      "its statistics name no link to anybody",
      (desk) => {
        desk.sample("a", {}, []);
      },
      "there is no link a→b",
    ],
    [
      "its statistics name somebody unknown",
      (desk) => {
        desk.sample("a", {}, ["elsewhere"]);
      },
      "do not say what it is",
    ],
    [
      "the next one is away too",
      (desk) => {
        desk.sample("a");
        desk.pass(1);
        desk.sample("a");
        desk.fail("b");
      },
      "b does not take connections",
    ],
    [
      "the next one is drained",
      (desk) => {
        desk.sample("a");
        desk.pass(1);
        desk.sample("a");
        desk.drained.add("b");
        desk.apply();
      },
      "b is drained",
    ],
  ])("and %s, clients are held and told so", (_what, before, says) => {
    const desk = new GuardDesk();
    desk.pass(1);
    before(desk);
    desk.fail("a");
    expect(desk.place).toContain("Held: a, the active member of pool p, does not take connections");
    expect(desk.place).toContain(says);
  });

  test("the link's age counts up to when it stopped answering, not up to now", () => {
    const desk = trusted();
    desk.drained.add("b");
    desk.apply();
    desk.pass(1);
    desk.fail("a");
    desk.pass(1_000);
    desk.drained.clear();
    desk.apply();
    expect(desk.place).toBe("b");
  });

  test("a sign of life after the last statistics makes them older", () => {
    const desk = trusted();
    desk.drained.add("b");
    desk.apply();
    desk.fail("a");
    desk.pass(3);
    desk.recover("a");
    desk.fail("a");
    desk.drained.clear();
    desk.apply();
    expect(desk.place).toContain("longer before a stopped answering");
  });

  test("of several, one across a connected link comes before one that was away", () => {
    const desk = new GuardDesk({ members: ["a", "b", "c"] });
    for (let time = 0; time < 2; time++) {
      desk.pass(1);
      desk.sample("a");
    }
    desk.drained.add("a");
    const both = desk.status.takeovers.map(({ to, verdict }) => [to, verdict]);
    expect(both).toEqual([
      ["b", "allow"],
      ["c", "allow"],
    ]);
    desk.apply();
    expect(desk.place).toBe("b");
  });

  test("a sync link whose peer was away is crossed with a word about unacknowledged messages", () => {
    const desk = trusted();
    desk.pass(1);
    desk.sample("a", { connected: false });
    expect(desk.status.takeovers).toMatchObject([
      { to: "b", verdict: "warn", why: expect.stringContaining("not acknowledged") },
    ]);
    desk.fail("a");
    expect(desk.place).toBe("b");
  });
});

describe("going back to a recovered member", () => {
  test("does not happen by itself: a member that works is not left", () => {
    const desk = trusted();
    desk.fail("a");
    desk.recover("a");
    expect(desk.place).toBe("b");
  });
  test("follows the same rule across the reverse link, which was downgraded while it was away", () => {
    const desk = trusted();
    desk.fail("a");
    desk.pass(1);
    desk.sample("b", { type: "async", connected: false });
    desk.recover("a");
    desk.pass(1);
    desk.sample("b", { type: "sync", secondsBehind: 30 });
    desk.fail("b");
    expect(desk.place).toContain("b→a was async and reads sync again");
    desk.recover("b");
    for (let time = 0; time < 2; time++) {
      desk.pass(1);
      desk.sample("b");
    }
    expect(desk.events()).toContain("link-restored");
    desk.fail("b");
    expect(desk.place).toBe("a");
  });
});
