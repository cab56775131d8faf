/** When each backend was last known to answer, from every dial that is made: the age of a link counts up to there. */
import type { Reply } from "../contract/commands.ts";
import type { FailureCode } from "../contract/failures.ts";
import { isOwnShortage } from "../failures.ts";

/** Behind these something answered: the instance may live, and its links may change unseen. */
const answeredCodes: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "TLS_EXPIRED",
  "TLS_UNKNOWN_CA",
  "TLS_NAME_MISMATCH",
  "TLS_FAILED",
  "TLS_FILE_UNREADABLE",
]);

export class MemberLives {
  readonly #silentSince = new Map<string, number>();
  readonly #unseen = new Set<string>();

  /** `startedMs`: when the dial began; one that fails says that nobody answered then. */
  noteDial(backend: string, reply: Reply<unknown>, startedMs: number): void {
    if (!reply.ok && isOwnShortage(reply.failure)) return;
    // A tunnel that fails is Shunt's own blindness: it says nothing of the instance behind it.
    if (!reply.ok && reply.failure.hop === "tunnel") return void this.#unseen.add(backend);
    if (reply.ok || answeredCodes.has(reply.failure.code)) return void this.#silentSince.delete(backend);
    this.#unseen.delete(backend);
    if (!this.#silentSince.has(backend)) this.#silentSince.set(backend, startedMs);
  }

  /** It takes connections: whatever hid it does no more. One answer alone does not say so while it still counts as down. */
  noteUp(backend: string): void {
    this.#unseen.delete(backend);
  }

  /** The first sign that it no longer answers; `nowMs` as long as it does, or as nobody could tell. */
  stoppedAtMs(backend: string, nowMs: number): number {
    return this.#silentSince.get(backend) ?? nowMs;
  }

  /** True where its tunnel failed before anybody could tell whether it answers. */
  isUnseen(backend: string): boolean {
    return this.#unseen.has(backend) && !this.#silentSince.has(backend);
  }
}
