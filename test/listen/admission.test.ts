/** Clients beyond the limit on open files are refused by Shunt, not lost by the system. */
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { createAdmission } from "../../app/listen/admission.ts";

const client = () => new EventEmitter() as Socket;

test("room for two descriptors a client, less what is in use and what is kept back", () => {
  expect(createAdmission(() => 0, 256, 24).most).toBe(100);
  expect(createAdmission(() => 0, 40, 30).most).toBe(1);
  expect(createAdmission(() => 0, null).most).toBeNull();
  expect(createAdmission().most).toBeGreaterThan(10);
});

test("a client that has gone makes room for another", () => {
  const { admit } = createAdmission(() => 0, 38, 2);
  const [first, second, third] = [client(), client(), client()];
  expect([admit(first), admit(second), admit(third)]).toEqual([true, true, false]);
  first.emit("close");
  expect(admit(third)).toBe(true);
});

test("a client that has left its socket and goes on elsewhere still takes its room", () => {
  let elsewhere = 0;
  const { admit } = createAdmission(() => elsewhere, 38, 2);
  const [first, second, third] = [client(), client(), client()];
  expect([admit(first), admit(second)]).toEqual([true, true]);
  elsewhere = 1;
  first.emit("close");
  expect(admit(third)).toBe(false);
  elsewhere = 0;
  expect(admit(third)).toBe(true);
});
