import { plural } from "../design/format.ts";

const nouns = ["tunnel", "backend", "pool", "route"] as const;

/** `Adds 1 tunnel and 2 routes, and changes 1 backend.`, of each verb the nouns of its rows; null without any. */
export function sentenceOf(
  parts: readonly (readonly [verb: string, of: readonly string[]])[],
): string | null {
  const said = parts.filter(([, of]) => of.length > 0).map(([verb, of]) => `${verb} ${counted(of)}`);
  if (said.length === 0) return null;
  const text = [said.slice(0, -1).join(", "), said.at(-1)].filter(Boolean).join(", and ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function counted(of: readonly string[]): string {
  const words = nouns.flatMap((noun) => {
    const many = of.filter((one) => one === noun).length;
    return many === 0 ? [] : [plural(many, noun)];
  });
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
