import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useRef } from "react";

const linePx = 20;

interface CodeLinesProps {
  readonly label: string;
  readonly count: number;
  /** What stands left of a line, and the line itself. */
  readonly numberOf: (index: number) => ReactNode;
  readonly lineOf: (index: number) => ReactNode;
  readonly kindOf?: (index: number) => string;
}

/** Lines of any number, of which only those in sight are in the page; the keyboard scrolls them. */
export function CodeLines({ label, count, numberOf, lineOf, kindOf }: CodeLinesProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => linePx,
    overscan: 20,
  });
  return (
    <div ref={scroll} className="code" role="region" aria-label={label} tabIndex={0}>
      <div className="code-lines" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => (
          <div
            key={key}
            className="code-line"
            data-kind={kindOf?.(index)}
            style={{ transform: `translateY(${start}px)` }}
          >
            <span className="code-number" aria-hidden>
              {numberOf(index)}
            </span>
            <code>{lineOf(index)}</code>
          </div>
        ))}
      </div>
    </div>
  );
}
