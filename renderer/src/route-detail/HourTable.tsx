import { formatClock, formatRate } from "../design/format.ts";
import type { HourData } from "./hour-plot.ts";

const rowSeconds = 300;

interface HourRow {
  readonly from: number;
  readonly toClient: number;
  readonly toBackend: number;
  readonly open: number;
}

/** The same hour in figures, five minutes a row: means of the flow, the most connections that were open. */
function hourRows([times, toClient, toBackend, open]: HourData): readonly HourRow[] {
  const rows = new Map<number, { count: number; toClient: number; toBackend: number; open: number }>();
  times.forEach((time, index) => {
    const from = Math.floor(time / rowSeconds) * rowSeconds;
    const row = rows.get(from) ?? { count: 0, toClient: 0, toBackend: 0, open: 0 };
    rows.set(from, {
      count: row.count + 1,
      toClient: row.toClient + (toClient[index] ?? 0),
      toBackend: row.toBackend + (toBackend[index] ?? 0),
      open: Math.max(row.open, open[index] ?? 0),
    });
  });
  return [...rows].map(([from, row]) => ({
    from,
    toClient: row.toClient / row.count,
    toBackend: row.toBackend / row.count,
    open: row.open,
  }));
}

/** For whoever cannot see the graph, or wants figures. */
export function HourTable({ data }: { readonly data: HourData }) {
  const now = new Date();
  return (
    <details className="hour-figures">
      <summary>Figures</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">↓ to clients</th>
            <th scope="col">↑ to backend</th>
            <th scope="col">Most open</th>
          </tr>
        </thead>
        <tbody>
          {[...hourRows(data)].reverse().map((row) => (
            <tr key={row.from}>
              <th scope="row">{formatClock(new Date(row.from * 1_000).toISOString(), now)}</th>
              <td>{formatRate(row.toClient)}</td>
              <td>{formatRate(row.toBackend)}</td>
              <td>{row.open}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
