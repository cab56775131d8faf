import { useRef } from "react";
import { type Mirror, useMirror } from "./mirror-store.ts";

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
