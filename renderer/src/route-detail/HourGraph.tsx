import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { formatClock } from "../design/format.ts";
import { HourTable } from "./HourTable.tsx";
import { hourData, type HourData, plotOptions, type PlotColours, readOut } from "./hour-plot.ts";
import type { FetchedHour } from "./use-route-hour.ts";

const height = 190;

/** One hour of a route: bytes per second both ways, and how many connections were open. Stands still under the pointer. */
export function HourGraph({ fetched }: { readonly fetched: FetchedHour }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const hovered = useRef(false);
  const [data, setData] = useState<HourData>(() => hourData(fetched));
  const [index, setIndex] = useState<number | null>(null);

  useEffect(() => {
    if (!hovered.current) setData(hourData(fetched));
  }, [fetched]);

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

  const [client, backend, open] = readOut(data, index);
  const at = data[0][index ?? data[0].length - 1];
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
        {at !== undefined && (
          <span className="faint">at {formatClock(new Date(at * 1_000).toISOString(), new Date())}</span>
        )}
      </figcaption>
      <div
        ref={place}
        className="hour-plot"
        aria-hidden
        onPointerEnter={() => (hovered.current = true)}
        onPointerLeave={() => {
          hovered.current = false;
          setData(hourData(fetched));
        }}
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
