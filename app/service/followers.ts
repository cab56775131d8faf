/** Who follows what changes, and what all of them together want of the engine. */
import type { LiveEvent } from "../contract/live.ts";
import type { Following } from "../engine/snapshot-feed.ts";

export interface Follower {
  /** Whether it lists connections, which it does not at first. Resolves once change sets tell of them. */
  listConnections(isListed: boolean): Promise<void>;
  /** An event as this one is to hear it: of connections only where it lists them. */
  heard(event: LiveEvent): LiveEvent;
  stop(): void;
}

/** `tell` resolves when what is wanted is so; it hears of differences alone. */
export function openFollowers(tell: (wanted: Following) => Promise<void>): () => Follower {
  const followers = new Map<symbol, { readonly lists: boolean }>();
  let wanted: Following = { often: false, connections: false };
  let told: Promise<void> = Promise.resolve();
  const review = (): Promise<void> => {
    const connections = [...followers.values()].some(({ lists }) => lists);
    const next = { often: followers.size > 0, connections };
    if (next.often === wanted.often && next.connections === wanted.connections) return told;
    wanted = next;
    // An engine whose thread has died hears it when it runs again.
    return (told = tell(next).catch(() => undefined));
  };
  return () => {
    const id = Symbol("follower");
    followers.set(id, { lists: false });
    void review();
    return {
      listConnections(lists) {
        if (followers.has(id)) followers.set(id, { lists });
        return review();
      },
      heard: (event) => (followers.get(id)?.lists ? event : withoutConnections(event)),
      stop() {
        followers.delete(id);
        void review();
      },
    };
  };
}

function withoutConnections(event: LiveEvent): LiveEvent {
  if (event.type !== "changes" || event.changes.connections === undefined) return event;
  const { connections: _rows, ...changes } = event.changes;
  return { type: "changes", changes };
}
