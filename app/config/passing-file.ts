import { statSync } from "node:fs";

/** True of a device or a pipe, as `/dev/stdin` and `<(…)` are: what is read from it is gone, and nothing is kept in it. */
export function isPassing(path: string): boolean {
  try {
    const found = statSync(path);
    return !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}
