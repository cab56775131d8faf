/** The guard's stories, with time at hand: who is active, when clients move, when they are held, what survives. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createFileGuardStore, guardFileOf } from "../../app/guard/guard-store.ts";
import { GuardDesk, type DeskOptions } from "./guard-desk.ts";

/** Two samples in a row show a→b and b→a sync. */
function trusted(options: DeskOptions = {}): GuardDesk {
  const desk = new GuardDesk(options);
  for (let time = 0; time < 2; time++) {
    desk.pass(1);
    for (const id of desk.members) desk.sample(id);
  }
  return desk;
}

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

describe("the operator", () => {
  test("may promote a member against the table, and the activity keeps what was known", () => {
    const desk = trusted();
    desk.pass(1);
    desk.sample("a", { type: "async" });
    desk.fail("a");
    expect(desk.guards.promote("p", "b")).toEqual({ ok: true, value: null });
    expect(desk.place).toBe("b");
    const told = desk.notes.find((note) => note.event === "pool-promoted");
    expect(told).toMatchObject({
      severity: "warning",
      message: expect.stringContaining("made b the active member of pool p instead of a: a→b was downgraded"),
    });
    expect(desk.events().at(-1)).toBe("route-released");
  });
  test("cannot promote a stranger", () => {
    const desk = trusted();
    expect(desk.guards.promote("p", "x")).toMatchObject({ ok: false, failure: { code: "NOT_FOUND" } });
    expect(desk.guards.promote("q", "a")).toMatchObject({ ok: false, failure: { code: "NOT_FOUND" } });
  });
  test("may declare a link where statistics cannot be read, and it is marked as declared", () => {
    const desk = new GuardDesk({ pool: { links: [{ from: "a", to: "b", type: "sync" }] } });
    expect(desk.status.links).toMatchObject([
      { from: "a", to: "b", source: "declared", state: "sync", at: null },
    ]);
    desk.fail("a");
    expect(desk.place).toBe("b");
    expect(desk.notes.at(-1)?.message).toContain("is declared sync, not observed");
  });
  test("who takes the active member out of the pool has the rule applied to that, too", () => {
    const unsafe = new GuardDesk({ members: ["a", "b"] });
    unsafe.members = ["b"];
    unsafe.apply();
    expect(unsafe.place).toBe(
      "Held: a, the active member of pool p, is no longer in the pool, and a→b was never seen: no replication statistics of a could be read.",
    );
    const safe = trusted();
    safe.members = ["b"];
    safe.apply();
    expect(safe.place).toBe("b");
  });
  test("who puts the members in another order moves nobody", () => {
    const desk = trusted();
    desk.members = ["b", "a"];
    desk.apply();
    expect(desk.place).toBe("a");
  });
});

describe("a tunnel that is down", () => {
  test("is no evidence that the member behind it died: clients are held, and told that it is the tunnel", () => {
    const desk = trusted({ via: "bastion" });
    desk.lose("a");
    expect(desk.place).toBe(
      "Held: a, the active member of pool p, cannot be reached while tunnel bastion is down, and a→b was last seen less than a minute ago, and what it is now cannot be seen: tunnel bastion is down, which says nothing of a.",
    );
    expect(desk.status.links.find(({ from }) => from === "a")).toMatchObject({ state: "unknown" });
    desk.recover("a");
    expect(desk.place).toBe("a");
    expect(desk.events()).not.toContain("pool-moved");
  });
  test("that is back takes nobody from a member that answers and is not known to be up yet", () => {
    const desk = trusted({ via: "bastion" });
    desk.lose("a");
    desk.guards.noteDial("a", { ok: true, value: null }, desk.nowMs);
    desk.guards.evaluate();
    expect(desk.place).toContain("cannot be reached while tunnel bastion is down");
    desk.recover("a");
    expect(desk.place).toBe("a");
  });
  test("keeps a link that was last seen downgraded what it was", () => {
    const desk = trusted({ via: "bastion" });
    desk.pass(1);
    desk.sample("a", { type: "async" });
    desk.lose("a");
    expect(desk.place).toContain("a→b was downgraded");
  });
  test("takes nothing back: a member that had stopped answering before stopped answering then", () => {
    const desk = trusted({ via: "bastion" });
    desk.drained.add("b");
    desk.apply();
    desk.fail("a");
    desk.pass(5);
    desk.lose("a");
    desk.drained.clear();
    desk.apply();
    expect(desk.place).toBe("b");
  });
  test("and the member is found dead when it is back: its last sight counts only if it is fresh by then", () => {
    const desk = trusted({ via: "bastion" });
    desk.lose("a");
    desk.pass(5);
    desk.fail("a");
    expect(desk.place).toContain("longer before a stopped answering");
  });
  test("leaves the operator's own word standing", () => {
    const desk = new GuardDesk({ via: "bastion", pool: { links: [{ from: "a", to: "b", type: "sync" }] } });
    desk.lose("a");
    expect(desk.place).toBe("b");
  });
});

test("a pool without guarded routes neither holds nor moves", () => {
  const desk = new GuardDesk({ clients: "subscribers" });
  desk.fail("a");
  expect(desk.status).toMatchObject({ active: "a", held: null, whatIf: null });
  expect(desk.notes).toEqual([]);
});

test("what was observed of a backend is forgotten when its address is edited", () => {
  const desk = trusted();
  const config = desk.config();
  const backends = config.backends.map((backend) =>
    backend.id === "b" ? { ...backend, amps: "tcp://other:9007" } : backend,
  );
  desk.guards.update({ ...config, backends });
  desk.fail("a");
  expect(desk.place).toContain("a→b was never seen");
});

test("statistics of another instance than the configured one are not believed", () => {
  const desk = new GuardDesk();
  const config = desk.config();
  desk.guards.update({
    ...config,
    backends: config.backends.map((backend) => ({ ...backend, instanceName: `${backend.id}-real` })),
  });
  for (let time = 0; time < 3; time++) {
    desk.pass(1);
    desk.sample("a", {}, ["b-real"]);
  }
  desk.fail("a");
  expect(desk.place).toContain("never seen");
});

describe("across a restart of Shunt", () => {
  test("the active member stays active, and the last sight of its link counts while it is fresh", () => {
    const desk = trusted();
    desk.restartShunt();
    expect(desk.place).toBe("a");
    desk.pass(1);
    desk.fail("a");
    expect(desk.place).toBe("b");
    desk.recover("a");
    desk.restartShunt();
    expect(desk.place).toBe("b");
  });
  test("what happened while Shunt was away is not assumed: an old sight holds", () => {
    const desk = trusted();
    desk.pass(3);
    desk.restartShunt();
    desk.fail("a");
    expect(desk.place).toContain("longer before a stopped answering");
  });
  test("a pool that was taken out and put back goes on where it was", () => {
    const desk = trusted();
    desk.fail("a");
    desk.recover("a");
    desk.guards.update({ ...desk.config(), pools: [], routes: [] });
    desk.apply();
    expect(desk.place).toBe("b");
  });
});

describe("its file", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), "shunt-guard-"));
    folders.push(made);
    return made;
  };

  test("lies beside the configuration and brings everything back", () => {
    const file = guardFileOf(join(folder(), "shunt.json"));
    const desk = trusted({ store: createFileGuardStore(file) });
    desk.restartShunt();
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      version: 1,
      pools: { p: { active: "a" } },
      sources: { a: { links: { b: { trusted: true } } } },
    });
    desk.fail("a");
    expect(desk.place).toBe("b");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ pools: { p: { active: "b" } } });
    expect(readdirSync(join(file, ".."))).toEqual(["shunt.json.guard.json"]);
  });

  test.each([
    "",
    "{",
    "[]",
    '{"version":2}',
    '{"version":1,"pools":{"p":{"active":3}},"addresses":{},"sources":{}}',
  ])("damaged (%j), nobody is taken for active until the operator says who is", (text) => {
    const file = join(folder(), "guard.json");
    writeFileSync(file, text);
    const desk = new GuardDesk({ store: createFileGuardStore(file) });
    expect(desk.place).toContain("which member of pool p is active is not known");
    expect(desk.status).toMatchObject({ active: null, whatIf: null });
    desk.restartShunt();
    expect(desk.place).toContain("not known");
    desk.guards.promote("p", "b");
    expect(desk.place).toBe("b");
    desk.restartShunt();
    expect(desk.place).toBe("b");
  });

  test("that cannot be written is told once, and the guard works on", () => {
    const file = join(folder(), "missing", "guard.json");
    const desk = trusted({ store: createFileGuardStore(file) });
    desk.fail("a");
    expect(desk.place).toBe("b");
    expect(desk.events().filter((event) => event === "guard-not-saved")).toHaveLength(1);
  });
});
