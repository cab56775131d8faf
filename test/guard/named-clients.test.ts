/** Clients of a sticky route: each returns to the member where it belongs, and leaves it only as a failover. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { mostClientHomes } from "../../app/guard/client-homes.ts";
import { createFileGuardStore } from "../../app/guard/guard-store.ts";
import { GuardDesk, type DeskOptions } from "./guard-desk.ts";

const last = (among: readonly string[]) => among.at(-1) ?? "";

/** Three members, all links between them seen sync. */
function spread(options: DeskOptions = {}): GuardDesk {
  const desk = new GuardDesk({ members: ["a", "b", "c"], sticky: true, ...options });
  see(desk);
  return desk;
}

function see(desk: GuardDesk): void {
  for (let time = 0; time < 2; time++) {
    desk.pass(1);
    for (const id of desk.members) desk.sample(id);
  }
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function guardFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "shunt-homes-"));
  folders.push(folder);
  return join(folder, "shunt.json.guard.json");
}

describe("a name not seen before", () => {
  test("may go to every member that the active one's links would let it go to", async () => {
    const desk = spread();
    let offered: readonly string[] = [];
    await desk.connect("pub-1", (among) => last((offered = among)));
    expect(offered).toEqual(["a", "b", "c"]);
  });
  test("stays with the active member where its links are not sync: it may have been there before", async () => {
    const desk = spread();
    desk.pass(1);
    desk.sample("a", { type: "async" });
    expect(await desk.connect("pub-1", last)).toBe("a");
    expect(await new GuardDesk({ sticky: true }).connect("pub-1", last)).toBe("a");
  });
});

describe("a name seen before", () => {
  test("returns to its member, whoever is active and whatever the policy would say", async () => {
    const desk = spread();
    expect(await desk.connect("pub-1", last)).toBe("c");
    desk.guards.promote("p", "b");
    for (let time = 0; time < 3; time++) expect(await desk.connect("pub-1")).toBe("c");
    expect(desk.status.homes).toEqual([
      {
        member: "c",
        clients: 1,
        whatIf: "If c failed now, its named clients would go on at a: c→a is sync and connected.",
      },
    ]);
  });
  test("fails over from its own member, by that member's links, and belongs there from then on", async () => {
    const desk = spread();
    await desk.connect("pub-1", last);
    desk.fail("c");
    expect(await desk.connect("pub-1", last)).toBe("b");
    expect(desk.notes.at(-1)).toMatchObject({
      event: "client-moved",
      severity: "warning",
      backend: "b",
      message: "pub-1 of pool p goes to b now: failover of pub-1 from c: c→b is sync and connected.",
    });
    desk.recover("c");
    expect(await desk.connect("pub-1", last)).toBe("b");
  });
  test("is held where its member's links were downgraded, while clients of other members go on", async () => {
    const desk = spread();
    await desk.connect("pub-1", last);
    await desk.connect("pub-2");
    desk.pass(1);
    desk.sample("c", { type: "async", secondsBehind: 41 });
    expect(desk.status.homes.find(({ member }) => member === "c")?.whatIf).toBe(
      "If c failed now, its named clients would be held: c→a was downgraded less than a minute ago, 41 s behind; c→b was downgraded less than a minute ago, 41 s behind.",
    );
    desk.fail("c");
    expect(await desk.connect("pub-1")).toContain(
      "Held: c, where pub-1 belongs, does not take connections, and c→a was downgraded",
    );
    expect(await desk.connect("pub-2")).toBe("a");
    expect(await desk.connect("pub-3", last)).toBe("b");
    const held = "Clients of c are held: c, where they belong, does not take connections";
    expect(desk.status.held).toContain(held);
    expect(desk.notes.find(({ event }) => event === "route-held")).toMatchObject({
      pool: expect.any(String),
      route: "r",
      severity: "error",
      code: "ROUTE_HELD",
      message: expect.stringContaining(held),
    });
    desk.recover("c");
    expect(await desk.connect("pub-1")).toBe("c");
    expect(desk.events().at(-1)).toBe("route-released");
    expect(desk.status.held).toBeNull();
  });
  test("is moved by the operator's word where its member is away, and then alone", async () => {
    const desk = spread();
    await desk.connect("pub-1", last);
    await desk.connect("pub-2", ([, second = ""]) => second);
    desk.pass(1);
    desk.sample("c", { type: "async" });
    desk.fail("c");
    desk.guards.promote("p", "a");
    expect(desk.notes.find(({ event }) => event === "pool-promoted")?.message).toContain(
      "1 named clients of members that are away belong to a now",
    );
    expect(await desk.connect("pub-1", last)).toBe("a");
    expect(await desk.connect("pub-2", last)).toBe("b");
  });
  test("is held while its member's tunnel is down", async () => {
    const desk = spread({ via: "bastion" });
    await desk.connect("pub-1", last);
    desk.lose("c");
    expect(await desk.connect("pub-1")).toContain("cannot be reached while tunnel bastion is down");
  });
});

describe("across a restart of Shunt", () => {
  /** Shunt ends, something may happen to its files, and it begins again. */
  async function restarted(meanwhile: (file: string) => void = () => undefined) {
    const guard = guardFile();
    const desk = spread({ store: createFileGuardStore(guard) });
    await desk.connect("pub-1", last);
    await desk.connect("pub-2", ([, second = ""]) => second);
    desk.guards.close();
    const file = guard.replace(/\.json$/, "-clients.jsonl");
    meanwhile(file);
    const second = new GuardDesk({
      members: ["a", "b", "c"],
      sticky: true,
      store: createFileGuardStore(guard),
    });
    second.nowMs = desk.nowMs;
    return { desk: second, file };
  }

  test("every name returns to its member", async () => {
    const { desk, file } = await restarted();
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3);
    expect(await desk.connect("pub-1")).toBe("c");
    expect(await desk.connect("pub-2")).toBe("b");
    // Returning changes nothing, and is not written.
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3);
  });
  test("a last line that was torn off is one that nobody had acted upon", async () => {
    const { desk, file } = await restarted((written) =>
      appendFileSync(written, '{"pool":"p","client":"pub-3","mem'),
    );
    expect(await desk.connect("pub-1")).toBe("c");
    expect(await desk.connect("pub-3")).toBe("a");
    expect(
      readFileSync(file, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown),
    ).toHaveLength(3);
  });
  test.each([
    ["damaged", (file: string) => writeFileSync(file, "what\n")],
    ["in the middle", (file: string) => writeFileSync(file, `{"pool":3}\n${readFileSync(file, "utf8")}`)],
  ])("its record %s, all are held until the operator says who has everything", async (_what, damage) => {
    const { desk } = await restarted(damage);
    expect(await desk.connect("pub-1")).toContain("where the clients of pool p belong is not known");
    expect(desk.status.held).toContain("not known");
    desk.restartShunt();
    expect(await desk.connect("pub-1")).toContain("not known");
    expect(desk.guards.promote("p", "b")).toEqual({ ok: true, value: null });
    see(desk);
    expect(await desk.connect("pub-1")).toBe("b");
    desk.restartShunt();
    expect(await desk.connect("pub-1")).toBe("b");
  });
  test("a record that cannot be written is told once", async () => {
    const desk = spread({ store: createFileGuardStore(join(guardFile(), "..", "missing", "guard.json")) });
    await desk.connect("pub-1");
    await desk.connect("pub-2");
    const told = desk.notes.filter(
      ({ event, message }) => event === "guard-not-saved" && message.includes("named clients"),
    );
    expect(told).toHaveLength(1);
  });
});

describe(`when ${mostClientHomes} names are remembered`, () => {
  async function full(): Promise<GuardDesk> {
    const desk = spread();
    for (let at = 0; at < mostClientHomes; at++) await desk.connect(`old-${at}`, last);
    return desk;
  }
  test("the one that came longest ago makes room, if it is not connected and the active member has all of it", async () => {
    const desk = await full();
    desk.connected.add("old-0");
    await desk.connect("old-1");
    expect(await desk.connect("fresh", last)).toBe("c");
    desk.pass(1);
    for (const id of desk.members) desk.sample(id, { type: "async" });
    for (const kept of ["old-0", "old-1"]) expect(await desk.connect(kept)).toBe("c");
    expect(await desk.connect("old-2")).toBe("a");
  });
  test("a new one is refused where forgetting another would not be safe", async () => {
    const desk = await full();
    desk.pass(1);
    desk.sample("c", { type: "async" });
    expect(await desk.connect("fresh")).toContain("Held: as many client names are remembered");
    expect(await desk.connect("old-5")).toBe("c");
  });
});
