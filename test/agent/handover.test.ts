import { expect, test } from "vitest";
import { Handover } from "../../app/agent/handover.ts";

const ready = "ready up 100%";

function desk() {
  let nowMs = 0;
  const handover = new Handover(() => nowMs);
  const ask = (member: string, answer: string, asker = "127.0.0.1") =>
    handover.tell({ asker, pool: "p", member, answer });
  return { ask, pass: (ms: number) => (nowMs += ms) };
}

test("the new active member waits until the asker knows that the old one is out", () => {
  const { ask } = desk();
  expect(ask("one", ready)).toBe(ready);
  expect(ask("two", "maint")).toBe("maint");
  expect(ask("two", ready)).toBe("maint");
  expect(ask("one", "maint")).toBe("maint");
  expect(ask("two", ready)).toBe(ready);
});

test("each asker is told for itself", () => {
  const { ask } = desk();
  expect(ask("one", ready, "10.0.0.1")).toBe(ready);
  expect(ask("two", ready, "10.0.0.2")).toBe(ready);
  expect(ask("two", ready, "10.0.0.1")).toBe("maint");
});

test("a member that is no longer asked about holds up nobody for longer than 15 s", () => {
  const { ask, pass } = desk();
  ask("one", ready);
  pass(15_000);
  expect(ask("two", ready)).toBe("maint");
  pass(1);
  expect(ask("two", ready)).toBe(ready);
});
