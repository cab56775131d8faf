/** Ids made of the names that other files use. */

const longest = 63;

/** A valid id that resembles a name: `amps-prod-1` for `AMPS_Prod 1`; `fallback` where nothing of it is left. */
export function idOf(name: string, fallback: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, longest)
    .replace(/-+$/, "");
  return id === "" ? fallback : id;
}

/** `id`, or with a number behind it where it is taken; the result is added to what is taken. */
export function freeId(id: string, taken: Set<string>): string {
  let free = id;
  for (let n = 2; taken.has(free); n++) free = `${id.slice(0, longest - 5)}-${n}`;
  taken.add(free);
  return free;
}
