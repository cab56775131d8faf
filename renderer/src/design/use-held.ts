import { type FocusEvent, useState } from "react";

interface Held<Data> {
  /** What stands still; null while nobody reads it. */
  readonly held: Data | null;
  /** What is shown now stays, unless something does already. */
  hold(now: Data): void;
  release(): void;
}

/** What changes by itself, and stands still while somebody reads it. */
export function useHeld<Data extends object>(): Held<Data> {
  const [held, setHeld] = useState<Data | null>(null);
  return { held, hold: (now) => setHeld((before) => before ?? now), release: () => setHeld(null) };
}

/** Whether the focus came by keyboard: a press of the pointer brings it too, and means nothing. */
export function cameByKey(event: FocusEvent<HTMLElement>): boolean {
  return event.currentTarget.matches(":focus-visible");
}

/** The moment that a key leads to among `0…last`, `page` moments at once by Page Up and Page Down; null for other keys. */
export function nextMoment(key: string, at: number, last: number, page: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    PageUp: -page,
    PageDown: page,
    Home: -last,
    End: last,
  };
  const step = steps[key];
  return step === undefined ? null : Math.min(last, Math.max(0, at + step));
}
