/** The last hour of every route: bytes per second both ways and open connections, one sample a quarter of a minute. */
import type { RouteHour } from "../contract/snapshot.ts";
import type { Totals } from "../forward/connection-registry.ts";

export const hourStepSeconds = 15;
const samplesKept = 3_600 / hourStepSeconds;

interface Track {
  lastToBackend: number;
  lastToClient: number;
  readonly toBackend: number[];
  readonly toClient: number[];
  readonly open: number[];
}

export class HourHistory {
  readonly #tracks = new Map<string, Track>();

  /** To be called every `hourStepSeconds` with the totals of all routes. `elapsedMs`: since the last call. */
  sample(routes: ReadonlyMap<string, Totals>, elapsedMs: number): void {
    const perSecond = 1_000 / Math.max(elapsedMs, 1);
    for (const [id, { bytes, connections }] of routes) {
      const track = this.#tracks.get(id) ?? emptyTrack();
      this.#tracks.set(id, track);
      keep(track.toBackend, Math.round((bytes.toBackend - track.lastToBackend) * perSecond));
      keep(track.toClient, Math.round((bytes.toClient - track.lastToClient) * perSecond));
      keep(track.open, connections.open);
      track.lastToBackend = bytes.toBackend;
      track.lastToClient = bytes.toClient;
    }
    for (const id of this.#tracks.keys()) if (!routes.has(id)) this.#tracks.delete(id);
  }

  of(id: string): RouteHour {
    const { toBackend, toClient, open } = this.#tracks.get(id) ?? emptyTrack();
    return {
      stepSeconds: hourStepSeconds,
      toBackend: [...toBackend],
      toClient: [...toClient],
      open: [...open],
    };
  }
}

function emptyTrack(): Track {
  return { lastToBackend: 0, lastToClient: 0, toBackend: [], toClient: [], open: [] };
}

function keep(samples: number[], value: number): void {
  samples.push(Math.max(0, value));
  if (samples.length > samplesKept) samples.shift();
}
