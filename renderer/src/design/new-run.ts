/** A name for something that can be stopped; unique among the pages that may be open at once. */
export function newRun(kind: string): string {
  const parts = Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36));
  return `${kind}-${parts.join("-")}`;
}
