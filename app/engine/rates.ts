/** Bytes per second, sampled once a second from the counters, with the last minute of every route. */
import type { ByteCounts } from "../contract/snapshot.ts";

const samplesKept = 60;
const none: ByteCounts = { toBackend: 0, toClient: 0 };

interface Track {
  last: ByteCounts;
  rate: ByteCounts;
  readonly samples: ByteCounts[];
}

export class Rates {
  readonly #tracks = new Map<string, Track>();

  /** To be called once a second with the totals of everything that has any. `elapsedMs`: since the last call. */
  sample(totals: ReadonlyMap<string, { readonly bytes: ByteCounts }>, elapsedMs: number): void {
    const perSecond = 1_000 / Math.max(elapsedMs, 1);
    for (const [id, { bytes }] of totals) {
      const track = this.#tracks.get(id) ?? { last: none, rate: none, samples: [] };
      this.#tracks.set(id, track);
      track.rate = {
        toBackend: Math.max(0, Math.round((bytes.toBackend - track.last.toBackend) * perSecond)),
        toClient: Math.max(0, Math.round((bytes.toClient - track.last.toClient) * perSecond)),
      };
      track.last = { ...bytes };
      track.samples.push(track.rate);
      if (track.samples.length > samplesKept) track.samples.shift();
    }
    for (const id of this.#tracks.keys()) if (!totals.has(id)) this.#tracks.delete(id);
  }

  of(id: string): ByteCounts {
    return this.#tracks.get(id)?.rate ?? none;
  }

  /** Oldest first, at most 60. */
  history(): Readonly<Record<string, readonly ByteCounts[]>> {
    return Object.fromEntries([...this.#tracks].map(([id, track]) => [id, [...track.samples]]));
  }
}
