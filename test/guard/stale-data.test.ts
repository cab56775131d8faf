/** Plain subscribers are given any member that is up: what they may meet there is said (amps-facts 6.3, last row). */
import { expect, test } from "vitest";
import type { LinkState } from "../../app/contract/snapshot.ts";
import { staleData } from "../../app/guard/stale-data.ts";

const member = (id: string, away: string | null = null) => ({ id, away });
const judge = (links: Readonly<Record<string, LinkState>>) => (from: string, to: string) => {
  const state = links[`${from}→${to}`] ?? "none";
  return { state, by: "observed", says: `${from}→${to} is ${state}` } as const;
};
const ab = [member("a"), member("b")];

test.each(["disconnected", "downgraded", "async", "unknown"] as const)(
  "behind a link from the active member that is %s, data may be older",
  (state) => {
    const links = judge({ "a→b": state, "b→a": "downgraded" });
    expect(staleData({ members: ab, active: "a", judge: links })).toEqual([
      `Subscribers of b: a→b is ${state}. The data there may be older.`,
    ]);
  },
);

test("behind a sync link there is nothing to say, whatever the way back is", () => {
  expect(staleData({ members: ab, active: "a", judge: judge({ "a→b": "sync", "b→a": "async" }) })).toEqual(
    [],
  );
});

test("a member that is away is given to nobody", () => {
  const members = [member("a"), member("b", "is drained")];
  expect(staleData({ members, active: "a", judge: judge({ "a→b": "async" }) })).toEqual([]);
});

test("members that no link joins may have nothing in common", () => {
  expect(staleData({ members: ab, active: "a", judge: judge({}) })).toEqual([
    "Subscribers of b: a→b is none. Nothing says that the data there is the same.",
  ]);
});

test("where no publisher is seen, any member may be the source: a link one way joins two", () => {
  expect(staleData({ members: ab, active: null, judge: judge({ "a→b": "sync" }) })).toEqual([]);
  expect(staleData({ members: ab, active: null, judge: judge({ "a→b": "async", "b→a": "sync" }) })).toEqual([
    "Subscribers of b: a→b is async. The data there may be older.",
  ]);
  expect(staleData({ members: ab, active: null, judge: judge({}) })).toHaveLength(2);
});
