/** The guard's stories, with time at hand: what the operator says, and what a tunnel that is down says not. */
import { describe, expect, test } from "vitest";
import { GuardDesk, trusted } from "./guard-desk.ts";

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
