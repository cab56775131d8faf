import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { moveAlongRow } from "./row-keys.ts";

interface RowFocusOptions {
  /** Of every row in order, in sight or not. */
  readonly keys: readonly string[];
  /** What holds the rows, each an element with its key in `data-row`. */
  readonly grid: RefObject<HTMLElement | null>;
  /** Brings a row into the page; where every row is in it, not needed. */
  readonly scrollTo?: (key: string) => void;
  /** The row that takes the focus when the grid comes up; null leaves it where it is. */
  readonly focusFirst?: string | null;
}

interface RowFocus {
  /** The one row that Tab comes to: the one last focused or, when that is gone, the one now in its place. */
  readonly current: string | undefined;
  readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

/** The keyboard in a list of rows, in the page or not: which one is current, and how arrows, Page, Home and End get to another. */
export function useRowFocus({ keys, grid, scrollTo, focusFirst = null }: RowFocusOptions): RowFocus {
  const [last, setLast] = useState<{ readonly key: string; readonly index: number } | null>(
    focusFirst === null ? null : { key: focusFirst, index: 0 },
  );
  const there = last !== null && keys.includes(last.key);
  const current = there ? last.key : keys[Math.min(last?.index ?? 0, keys.length - 1)];
  const rowOf = (key: string) => grid.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);

  const goTo = (key: string): void => {
    setLast({ key, index: keys.indexOf(key) });
    const row = rowOf(key);
    if (row) return row.focus();
    scrollTo?.(key);
    // The row comes into the page only after the scroll.
    requestAnimationFrame(() => requestAnimationFrame(() => rowOf(key)?.focus({ preventScroll: true })));
  };

  useEffect(() => {
    // A deleted row takes the focus with it to nowhere; someone at the keyboard wants to go on from here.
    if (last && !there && current !== undefined && document.activeElement === document.body)
      rowOf(current)?.focus();
  });
  const first = useRef(focusFirst);
  useEffect(() => {
    if (first.current !== null && keys.includes(first.current)) goTo(first.current);
    first.current = null;
  });

  return {
    current,
    onFocus(event) {
      const key = rowAt(event.target);
      if (key !== undefined) setLast({ key, index: keys.indexOf(key) });
    },
    onKeyDown(event) {
      if (event.altKey || event.ctrlKey || event.metaKey || moveAlongRow(event)) return;
      const row = rowAt(event.target);
      const index = row === undefined ? -1 : keys.indexOf(row);
      if (index === -1) return;
      const next = nextIndex(event.key, index, keys.length - 1);
      const key = next === null ? undefined : keys[next];
      if (key === undefined) return;
      event.preventDefault();
      goTo(key);
    },
  };
}

/** The key of the row that an element stands in. */
function rowAt(target: EventTarget): string | undefined {
  return (target as HTMLElement).closest<HTMLElement>("[data-row]")?.dataset["row"];
}

function nextIndex(key: string, index: number, last: number): number | null {
  if (key === "Home") return 0;
  if (key === "End") return last;
  const step = steps[key];
  return step === undefined ? null : Math.min(last, Math.max(0, index + step));
}
