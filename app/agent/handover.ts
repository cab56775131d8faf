/**
 * One member at a time, also between two questions: HAProxy asks about each member on its own, every few seconds, so the new
 * active member is let in only when the asker has been told that the old one is out.
 */

/** An asker that has not asked about a member for so long does not use it any more. */
const forgetMs = 15_000;

export class Handover {
  readonly #now: () => number;
  /** Asker and pool → members that it was last told are ready, and when. */
  readonly #ready = new Map<string, Map<string, number>>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** `answer`, or `maint` while the asker may still send clients to another member. */
  tell({
    asker,
    pool,
    member,
    answer,
  }: {
    asker: string;
    pool: string;
    member: string;
    answer: string;
  }): string {
    const key = `${asker} ${pool}`;
    const ready = this.#ready.get(key) ?? new Map<string, number>();
    this.#ready.set(key, ready);
    const now = this.#now();
    for (const [other, atMs] of ready) if (now - atMs > forgetMs) ready.delete(other);
    if (!answer.startsWith("ready")) {
      ready.delete(member);
      return answer;
    }
    if ([...ready.keys()].some((other) => other !== member)) return "maint";
    ready.set(member, now);
    return answer;
  }
}
