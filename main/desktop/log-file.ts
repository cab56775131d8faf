/** Shunt's own log: what went wrong inside, in a file of bounded size that holds no secrets. */
import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { redact } from "../../app/redact.ts";

export interface LogFile {
  readonly directory: string;
  /** Never throws: a log that cannot be written must not be the next failure. */
  write(message: string): void;
}

const maxBytes = 1024 * 1024;
const maxEntryLength = 8 * 1024;

/** `shunt.log` in `directory`, and `shunt.log.1` for what was before it: at most 1 MiB each. */
export function openLogFile(directory: string, now: () => Date = () => new Date()): LogFile {
  const file = path.join(directory, "shunt.log");
  return {
    directory,
    write(message) {
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        const line = `${now().toISOString()} ${redact(message.slice(0, 2 * maxEntryLength)).slice(0, maxEntryLength)}\n`;
        if (sizeOf(file) + Buffer.byteLength(line) > maxBytes) renameSync(file, `${file}.1`);
        appendFileSync(file, line, { mode: 0o600 });
      } catch {
        // Nowhere left to say it.
      }
    },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
