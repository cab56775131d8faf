import { homedir } from "node:os";
import { join } from "node:path";

/** `~/` at the beginning of a path is the user's home. */
export function expandHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}
