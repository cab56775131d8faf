/** The connections that Galvanometers have to instances, for the snapshot. No route carries them, so no route counts them. */
import type { ByteCounts, ConnectionStatus } from "../contract/snapshot.ts";
import type { Place } from "./address-book.ts";

export interface NewCarried {
  /** The backend whose Galvanometer it is. */
  readonly galvanometer: string;
  readonly place: Place;
  /** The browser's `address:port`. */
  readonly client: string;
  /** Read whenever a snapshot is taken. */
  readonly bytes: () => ByteCounts;
  readonly cut: () => void;
}

interface Carried extends NewCarried {
  readonly id: string;
  readonly since: string;
}

export class CarriedConnections {
  readonly #open = new Map<string, Carried>();
  readonly #onChange: () => void;
  readonly #whenIdle = new Set<() => void>();
  #minted = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Returns what ends it; safe to call twice. */
  begin(fresh: NewCarried): () => void {
    // Routes' connections are `c1`, `c2`, …
    const id = `g${++this.#minted}`;
    this.#open.set(id, { ...fresh, id, since: new Date().toISOString() });
    this.#onChange();
    return () => {
      if (!this.#open.delete(id)) return;
      this.#onChange();
      if (this.#open.size > 0) return;
      for (const resolve of this.#whenIdle) resolve();
      this.#whenIdle.clear();
    };
  }

  /** Resolves when none is open. */
  idle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.add(resolve));
  }

  /** Ends one with a reset; the backend that it went to, or null where there is none of that id. */
  cut(id: string): string | null {
    const found = this.#open.get(id);
    found?.cut();
    return found ? backendOf(found.place) : null;
  }

  statuses(): readonly ConnectionStatus[] {
    return Array.from(this.#open.values(), ({ id, since, galvanometer, place, client, bytes }) => ({
      id,
      route: "",
      backend: backendOf(place),
      kind: place.use,
      client,
      since,
      ampsClient: null,
      user: null,
      clientVersion: null,
      messageType: null,
      role: null,
      why: `Galvanometer of ${galvanometer}`,
      state: "open",
      bytes: bytes(),
    }));
  }
}

/** An address that no backend covers stands for itself. */
function backendOf({ dial, authority }: Place): string {
  return dial.by === "endpoint" ? dial.backend.id : authority;
}
