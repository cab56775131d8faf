/**
 * A program: takes every descriptor that is left, looks `localhost` up for the first time, and prints the error's code; then
 * what the doctor makes of the same, and what a look-up gives with room.
 */
import { closeSync, openSync } from "node:fs";
import { examineBackend } from "../../app/doctor/examine-backend.ts";
import { names } from "../../app/forward/name-lookup.ts";
import { openSocket } from "../../app/forward/open-tcp.ts";

const held: number[] = [];
try {
  for (;;) held.push(openSync("/dev/null", "r"));
} catch {
  // None is left.
}

const look = () =>
  names.find("localhost").then(
    () => "found",
    ({ code }: NodeJS.ErrnoException) => code,
  );
const first = await look();
const { steps } = await examineBackend({
  backend: { id: "b", amps: "tcp://localhost:1" },
  openTcp: (address, _via, options) => openSocket(address, options ?? {}),
});
for (const fd of held) closeSync(fd);
process.stdout.write(JSON.stringify([first, steps[0]?.failure?.code, await look()]));
