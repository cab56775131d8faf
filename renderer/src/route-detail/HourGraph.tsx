import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { formatClock } from "../design/format.ts";
import { cameByKey, nextMoment, useHeld } from "../design/use-held.ts";
import { HourTable } from "./HourTable.tsx";
import { hourData, type HourData, plotOptions, type PlotColours, readOut } from "./hour-plot.ts";
import type { FetchedHour } from "./use-route-hour.ts";

const height = 190;
/** Five minutes. */
const pageMoments = 20;
const nowhere = { left: -10, top: -10 };

/**
 * One hour of a route: bytes per second both ways, and how many connections were open. It stands still while it is
 * pointed at or worked with the arrows, and says what was then.
 */
export function HourGraph({ fetched }: { readonly fetched: FetchedHour }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const live = useMemo(() => hourData(fetched), [fetched]);
  const { held, hold, release } = useHeld<HourData>();
  const [index, setIndex] = useState<number | null>(null);
  const data = held ?? live;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(
      {
        ...plotOptions(element.clientWidth, height, () => coloursOf(element)),
        hooks: { setCursor: [({ cursor }) => setIndex(cursor.idx ?? null)] },
      },
      [[], [], [], []],
      element,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const redraw = (): void => made.redraw(false);
    const themed = new MutationObserver(redraw);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", redraw);
    return () => {
      resized.disconnect();
      themed.disconnect();
      dark.removeEventListener("change", redraw);
      made.destroy();
    };
  }, []);

  useEffect(() => plot.current?.setData(data), [data]);

  const last = data[0].length - 1;
  const at = index ?? last;
  const [client, backend, open] = readOut(data, at);
  const time = clockAt(data, at);
  const letGo = (): void => {
    release();
    plot.current?.setCursor(nowhere);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = nextMoment(event.key, at, last, pageMoments);
    if (next === null && (event.key !== "Escape" || !held)) return;
    event.preventDefault();
    if (next === null) return letGo();
    hold(live);
    plot.current?.setCursor({ left: plot.current.valToPos(data[0][next] ?? 0, "x"), top: 0 });
  };
  return (
    <figure className="hour">
      <figcaption className="hour-legend">
        <span className="hour-key" data-flow="client">
          ↓ to clients <strong>{client}</strong>
        </span>
        <span className="hour-key" data-flow="backend">
          ↑ to backend <strong>{backend}</strong>
        </span>
        <span className="hour-key" data-flow="open">
          ┄ open connections <strong>{open}</strong>
        </span>
        <span className="soft hour-moment">
          at {time}
          {held && <span className="paused-mark">❚❚ paused</span>}
        </span>
      </figcaption>
      <div
        ref={place}
        className="hour-plot"
        role="slider"
        tabIndex={0}
        aria-label="Last hour, a moment at a time"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at}
        aria-valuetext={`${time}, ${client} to clients, ${backend} to backend, ${open} open`}
        onPointerMove={() => hold(live)}
        onPointerLeave={letGo}
        onFocus={(event) => cameByKey(event) && hold(live)}
        onBlur={letGo}
        onKeyDown={onKeyDown}
      >
        <i data-ink="client" />
        <i data-ink="client-wash" />
        <i data-ink="backend" />
        <i data-ink="open" />
        <i data-ink="line" />
        <i data-ink="ink" />
      </div>
      <HourTable data={data} />
    </figure>
  );
}

function clockAt([times]: HourData, at: number): string {
  return formatClock(new Date((times[at] ?? 0) * 1_000).toISOString(), new Date());
}

function coloursOf(place: HTMLElement): PlotColours {
  const ink = (name: string): string => {
    const wearer = place.querySelector(`[data-ink="${name}"]`);
    return wearer ? getComputedStyle(wearer).color : "";
  };
  return {
    client: ink("client"),
    clientWash: ink("client-wash"),
    backend: ink("backend"),
    open: ink("open"),
    line: ink("line"),
    ink: ink("ink"),
  };
}
