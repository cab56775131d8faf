/** No sequence of events ever makes a guarded route move across a link that was not last seen sync. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReplicationRow } from "../../app/statistics/documents.ts";
import { GuardDesk, intervalMs } from "./guard-desk.ts";

const members = ["a", "b", "c"];
const member = fc.constantFrom("a", "a", "a", "b", "c");
const good: Partial<ReplicationRow> = { type: "sync", connected: true, secondsBehind: 0 };
const link: fc.Arbitrary<Partial<ReplicationRow>> = fc.constantFrom<Partial<ReplicationRow>[]>(
  good,
  good,
  good,
  { ...good, type: "async" },
  { ...good, connected: false },
  { ...good, secondsBehind: 41 },
  { ...good, type: null },
  { ...good, connected: null },
);

type Event =
  | {
      readonly do: "sample";
      readonly from: string;
      readonly link: Partial<ReplicationRow>;
      readonly times: number;
    }
  | { readonly do: "pass"; readonly intervals: number }
  | { readonly do: "fail" | "lose" | "recover" | "restart" | "drain" | "undrain"; readonly id: string }
  | { readonly do: "connect"; readonly client: string; readonly choice: number }
  | { readonly do: "restart-shunt" | "reorder" };

const connecting: fc.Arbitrary<Event> = fc.record({
  do: fc.constant("connect" as const),
  client: fc.constantFrom("pub-1", "pub-2", "pub-3"),
  choice: fc.nat({ max: 2 }),
});

const happening: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("sample" as const),
      from: member,
      link,
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass" as const), intervals: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "fail" as const,
        "lose" as const,
        "recover" as const,
        "restart" as const,
        "drain" as const,
        "undrain" as const,
      ),
      id: member,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("restart-shunt" as const, "reorder" as const) }) },
);

/** What an onlooker with a notebook knows of each member: kept apart from the code under test on purpose. */
interface Notebook {
  readonly samples: Map<
    string,
    { readonly atMs: number; readonly link: Partial<ReplicationRow>; readonly run: number }[]
  >;
  readonly runs: Map<string, number>;
  readonly silentSince: Map<string, number>;
  /** Hidden by a tunnel that is down, before anybody could see it fail. */
  readonly unseen: Set<string>;
}

function openNotebook(): Notebook {
  return { samples: new Map(), runs: new Map(), silentSince: new Map(), unseen: new Set() };
}

function check(desk: GuardDesk, { samples, silentSince, unseen }: Notebook, from: string, to: string): void {
  const seen = samples.get(from) ?? [];
  const last = seen.at(-1);
  const what = `moved ${from}→${to} after ${JSON.stringify(seen.slice(-4))}`;
  expect(unseen.has(from), what).toBe(false);
  expect(last?.link.type, what).toBe("sync");
  expect(last?.link.connected, what).not.toBeNull();
  const stoppedMs = silentSince.get(from) ?? desk.nowMs;
  expect(stoppedMs - (last?.atMs ?? 0), what).toBeLessThanOrEqual(2 * intervalMs);
  // In this run of the instance the link was twice in a row caught up, and not async since.
  const ofRun = seen.filter((sample) => sample.run === last?.run);
  const isGood = (sample: (typeof seen)[number] | undefined) =>
    sample?.link.type === "sync" && sample.link.connected === true && sample.link.secondsBehind === 0;
  const confirmed = ofRun.findLastIndex((sample, at) => isGood(sample) && isGood(ofRun[at - 1]));
  expect(confirmed, what).toBeGreaterThan(0);
  expect(
    ofRun.slice(confirmed).every((sample) => sample.link.type === "sync"),
    what,
  ).toBe(true);
  // With the peer away only a link that was never async in this run is one that withheld every acknowledgement.
  if (last?.link.connected === false)
    expect(
      ofRun.every((sample) => sample.link.type !== "async"),
      what,
    ).toBe(true);
}

function run(events: readonly Event[]): number {
  const desk = new GuardDesk({ members, via: "bastion" });
  const notebook = openNotebook();
  let moves = 0;
  let active = desk.guards.activeOf("p");
  const look = (): void => {
    const now = desk.guards.activeOf("p");
    if (active !== null && now !== null && now !== active) {
      check(desk, notebook, active, now);
      moves++;
    }
    active = now;
  };
  for (const one of events) {
    step(desk, notebook, one, look);
    look();
  }
  return moves;
}

/** Named clients come and go while all that happens; a name that the onlooker never saw counts as the active member's. */
async function runNamed(events: readonly Event[]): Promise<number> {
  const desk = new GuardDesk({ members, via: "bastion", sticky: true });
  const notebook = openNotebook();
  const homes = new Map<string, string>();
  let moves = 0;
  for (const one of events) {
    if (one.do !== "connect") {
      step(desk, notebook, one, () => undefined);
      continue;
    }
    const from = homes.get(one.client) ?? desk.guards.activeOf("p");
    const to = await desk.connect(one.client, (among) => among[one.choice % among.length] ?? "");
    if (!members.includes(to)) continue;
    homes.set(one.client, to);
    if (from === null || from === to) continue;
    check(desk, notebook, from, to);
    moves++;
  }
  desk.guards.close();
  return moves;
}

function step(desk: GuardDesk, notebook: Notebook, one: Event, look: () => void): void {
  const { samples, runs, silentSince, unseen } = notebook;
  switch (one.do) {
    case "connect":
      break;
    case "sample":
      for (let time = 0; time < one.times; time++) {
        desk.pass(1);
        silentSince.delete(one.from);
        unseen.delete(one.from);
        const entry = { atMs: desk.nowMs, link: one.link, run: runs.get(one.from) ?? 0 };
        samples.set(one.from, [...(samples.get(one.from) ?? []), entry]);
        desk.sample(one.from, one.link);
        look();
      }
      break;
    case "pass":
      desk.pass(one.intervals);
      break;
    case "fail":
      unseen.delete(one.id);
      if (!silentSince.has(one.id)) silentSince.set(one.id, desk.nowMs);
      desk.fail(one.id);
      break;
    case "lose":
      if (!silentSince.has(one.id)) unseen.add(one.id);
      desk.lose(one.id);
      break;
    case "recover":
      unseen.delete(one.id);
      silentSince.delete(one.id);
      desk.recover(one.id);
      break;
    case "restart":
      runs.set(one.id, (runs.get(one.id) ?? 0) + 1);
      desk.pass(0.01);
      desk.restartInstance(one.id);
      break;
    case "drain":
    case "undrain":
      if (one.do === "drain") desk.drained.add(one.id);
      else desk.drained.delete(one.id);
      desk.apply();
      break;
    case "restart-shunt":
      silentSince.clear();
      unseen.clear();
      desk.restartShunt();
      break;
    case "reorder":
      desk.members = [...desk.members.slice(1), ...desk.members.slice(0, 1)];
      desk.apply();
      break;
  }
}

test("a guarded route only ever moves across a link that was last seen sync, freshly, and for sure", () => {
  let moves = 0;
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (events) => {
      moves += run(events);
    }),
    { numRuns: 15_000 },
  );
  // Were there none, nothing would have been tested.
  expect(moves).toBeGreaterThan(100);
});

test("a named client only ever moves across a link that was last seen sync, freshly, and for sure", async () => {
  const event = fc.oneof({ weight: 2, arbitrary: happening }, { weight: 1, arbitrary: connecting });
  let moves = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      moves += await runNamed(events);
    }),
    { numRuns: 6_000 },
  );
  expect(moves).toBeGreaterThan(100);
}, 60_000);

test("the onlooker's notebook would catch a guard that moves across a downgraded link", () => {
  const desk = new GuardDesk({ members });
  const samples = new Map([
    [
      "a",
      [0, 1, 2].map((at) => ({
        atMs: desk.nowMs,
        link: { type: at < 2 ? ("sync" as const) : ("async" as const), connected: true, secondsBehind: 0 },
        run: 0,
      })),
    ],
  ]);
  expect(() => check(desk, { ...openNotebook(), samples }, "a", "b")).toThrow(/async/);
});
