/**
 * Looks host names up so that a dead name server holds up nobody else (reliability F7): one question a name, so many at
 * once that threads are left for the rest, and no caller waits longer than the limit. What stays silent ends by itself.
 */
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { closeSync, openSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { devNull } from "node:os";
import { errorCode } from "../failures.ts";

/** The error's code where the limit was reached. */
export const lookupTimedOut = "ELOOKUPTIMEOUT";

type SystemLookup = (
  name: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

interface NameLookupOptions {
  /** How long a caller waits; default 5,000. */
  readonly limitMs?: number;
  /** Questions at once: fewer than the threads that answer them (`main/threads/thread-pool.ts`). Default 48. */
  readonly atOnce?: number;
  readonly lookup?: SystemLookup;
}

/** Beside what is open, for the system's files and a socket; a few more than it was seen to use. */
const lookupDescriptors = 4;

/** What the system keeps to itself: a look-up that fails for want of descriptors often says that the name is unknown. */
function shortage(): Error | null {
  const held: number[] = [];
  try {
    while (held.length < lookupDescriptors) held.push(openSync(devNull, "r"));
    return null;
  } catch (error) {
    const code = errorCode(error);
    return error instanceof Error && (code === "EMFILE" || code === "ENFILE") ? error : null;
  } finally {
    for (const fd of held) closeSync(fd);
  }
}

export class NameLookups {
  readonly #options: Required<NameLookupOptions>;
  readonly #asking = new Map<string, Promise<readonly LookupAddress[]>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: NameLookupOptions = {}) {
    this.#options = { limitMs: 5_000, atOnce: 48, lookup: systemLookup, ...options };
  }

  /** Rejects as `dns.lookup` does, or with the code `lookupTimedOut`, EMFILE or ENFILE. */
  find(name: string): Promise<readonly LookupAddress[]> {
    const { limitMs } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `${name} was not looked up within ${limitMs / 1000} s`;
        reject(Object.assign(new Error(message), { code: lookupTimedOut }));
      }, limitMs);
      this.#ask(name)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }

  #ask(name: string): Promise<readonly LookupAddress[]> {
    const asked = this.#asking.get(name);
    if (asked) return asked;
    const asking = this.#turn()
      .then(() => this.#askSystem(name))
      .finally(() => {
        this.#asking.delete(name);
        this.#running--;
        this.#waiting.shift()?.();
      });
    this.#asking.set(name, asking);
    return asking;
  }

  #turn(): Promise<void> {
    const begin = (): void => void this.#running++;
    if (this.#running < this.#options.atOnce) return Promise.resolve(begin());
    return new Promise((resolve) => this.#waiting.push(() => resolve(begin())));
  }

  #askSystem(name: string): Promise<readonly LookupAddress[]> {
    return new Promise((resolve, reject) =>
      this.#options.lookup(name, { all: true }, (error, found) =>
        error ? reject(shortage() ?? error) : resolve(found),
      ),
    );
  }
}

/** The process's own. */
export const names = new NameLookups();

/** For `net.connect`, which asks for all addresses or for one. */
export const lookupName: LookupFunction = (name, options, done) => {
  names.find(name).then(
    (found) => {
      const wanted = options.family === 4 || options.family === 6 ? options.family : null;
      const fit = found.filter(({ family }) => wanted === null || family === wanted);
      const [first] = fit;
      if (options.all) done(null, [...fit]);
      else if (first) done(null, first.address, first.family);
      else done(Object.assign(new Error(`${name} has no such address`), { code: "ENOTFOUND" }), "");
    },
    (error: NodeJS.ErrnoException) => done(error, ""),
  );
};
