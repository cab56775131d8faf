/** Clients beyond the limit on open files are refused by Shunt, not lost by the system. */
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { ClientRoom } from "../../app/forward/client-room.ts";
import { createAdmission } from "../../app/listen/admission.ts";

const client = () => new EventEmitter() as Socket;

test("room for two descriptors a client, less what is in use and what is kept back", () => {
  expect(createAdmission(new ClientRoom(), 256, 24).most).toBe(100);
  expect(createAdmission(new ClientRoom(), 40, 30).most).toBe(1);
  expect(createAdmission(new ClientRoom(), null).most).toBeNull();
  expect(createAdmission().most).toBeGreaterThan(10);
});

test("a client that has gone makes room for another", () => {
  const { admit } = createAdmission(new ClientRoom(), 38, 2);
  const [first, second, third] = [client(), client(), client()];
  expect([admit(first), admit(second), admit(third)]).toEqual([true, true, false]);
  first.emit("close");
  expect(admit(third)).toBe(true);
});

test("a client that has left its socket and goes on elsewhere still takes its room", () => {
  const room = new ClientRoom();
  const { admit } = createAdmission(room, 38, 2);
  const [first, second, third] = [client(), client(), client()];
  expect([admit(first), admit(second)]).toEqual([true, true]);
  room.countJoined(1);
  first.emit("close");
  expect(admit(third)).toBe(false);
  room.countJoined(-1);
  expect(admit(third)).toBe(true);
});
