import { memo } from "react";
import type { BackendStatus } from "../../../app/contract/snapshot.ts";
import { formatClock, formatCount, formatFraction, formatRate } from "../design/format.ts";
import { useMirroredRow } from "../mirror/use-mirrored.ts";

/** The cells that change four times a second: a backend's row is drawn anew by these alone, and only where what they say differs. */
export const BackendFigures = memo(function BackendFigures({ id }: { readonly id: string }) {
  const figures = useMirroredRow("backends", id, figuresOf);
  if (!figures) return null;
  const { open, toClient, toBackend, load } = figures;
  return (
    <>
      <td data-column="flow">
        <dl className="load">
          <LoadFigure name="Open" value={open} share={null} />
          <LoadFigure name="↓ Client" value={toClient} share={null} />
          <LoadFigure name="↑ Backend" value={toBackend} share={null} />
        </dl>
      </td>
      <td data-column="load">{load ? <Load load={load} /> : <span className="faint">–</span>}</td>
    </>
  );
});

/** As they are written. */
function figuresOf({ connections, rate, load }: BackendStatus) {
  return {
    open: formatCount(connections),
    toClient: formatRate(rate.toClient),
    toBackend: formatRate(rate.toBackend),
    load,
  };
}

function Load({ load }: { readonly load: NonNullable<BackendStatus["load"]> }) {
  const { cpu, memory, clients } = load;
  return (
    <dl className="load" title={`Read at ${formatClock(load.at, new Date())}`}>
      <LoadFigure name="CPU" value={cpu === null ? "–" : formatFraction(cpu)} share={cpu} />
      <LoadFigure name="Memory" value={memory === null ? "–" : formatFraction(memory)} share={memory} />
      <LoadFigure name="Clients" value={clients === null ? "–" : formatCount(clients)} share={null} />
    </dl>
  );
}

function LoadFigure({ name, value, share }: { name: string; value: string; share: number | null }) {
  return (
    <div className="load-figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {share !== null && (
        <svg viewBox="0 0 40 4" preserveAspectRatio="none" aria-hidden>
          <rect className="load-track" width="40" height="4" />
          <rect className="load-bar" width={40 * Math.min(1, share)} height="4" data-high={share > 0.85} />
        </svg>
      )}
    </div>
  );
}
