import { useRef } from "react";
import { type Mirror, useMirror } from "./mirror-store.ts";
import { rowIn } from "./row-in.ts";

/**
 * What is chosen of the mirror, plain data: the same value until it says something else. The rows of a change set are all
 * new objects, four times a second; who takes only what it shows is drawn anew only when that differs.
 */
export function useMirrored<Chosen>(choose: (mirror: Mirror) => Chosen): Chosen {
  const known = useRef<{ readonly value: Chosen; readonly text: string } | null>(null);
  return useMirror((mirror) => {
    const value = choose(mirror);
    const text = JSON.stringify(value);
    if (known.current?.text !== text) known.current = { value, text };
    return known.current.value;
  });
}

/** What is chosen of one row of a collection, as `useMirrored` has it; null where there is no such row. */
export function useMirroredRow<Kind extends "routes" | "backends", Chosen>(
  kind: Kind,
  id: string,
  choose: (row: Mirror[Kind][number]) => Chosen,
): Chosen | null {
  return useMirrored((mirror) => {
    const row = rowIn<Mirror[Kind][number]>(mirror[kind], id);
    return row === undefined ? null : choose(row);
  });
}
