/** Whether any screen shows connections. */

/** From one screen that shows them to another, nothing need be fetched anew. */
const keptMs = 1_000;

export interface Listing {
  /** Some screen shows them, until what this returns is called. */
  show(): () => void;
  close(): void;
}

/** `tell` hears true of the first who shows them, and false a second after the last. */
export function startListing(tell: (lists: boolean) => void): Listing {
  const shown = new Set<symbol>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lists = false;
  return {
    show() {
      const screen = Symbol("screen");
      shown.add(screen);
      clearTimeout(timer);
      if (!lists) tell((lists = true));
      return () => {
        shown.delete(screen);
        clearTimeout(timer);
        if (shown.size === 0) timer = setTimeout(() => tell((lists = false)), keptMs);
      };
    },
    close: () => clearTimeout(timer),
  };
}
