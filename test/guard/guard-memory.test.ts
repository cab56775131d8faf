/** The guard's stories, with time at hand: what survives a restart, and the file that it is kept in. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createFileGuardStore, guardFileOf } from "../../app/guard/guard-store.ts";
import { GuardDesk, trusted } from "./guard-desk.ts";

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
