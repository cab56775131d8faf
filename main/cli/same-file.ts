import { statSync, type BigIntStats } from "node:fs";

/** Whether two paths name one file, through links too; false where either is not there. */
export function isSameFile(one: string, other: string): boolean {
  const [first, second] = [look(one), look(other)];
  return first !== null && first.dev === second?.dev && first.ino === second.ino;
}

function look(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return null;
  }
}
