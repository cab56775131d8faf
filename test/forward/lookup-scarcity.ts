/** A program: takes every descriptor that is left, looks `localhost` up for the first time, and prints the error's code; then again with room. */
import { closeSync, openSync } from "node:fs";
import { names } from "../../app/forward/name-lookup.ts";

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
for (const fd of held) closeSync(fd);
process.stdout.write(JSON.stringify([first, await look()]));
