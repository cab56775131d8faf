const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** `p9` before `p10`, whatever the case. */
export function natural(a: string, b: string): number {
  return collator.compare(a, b);
}
