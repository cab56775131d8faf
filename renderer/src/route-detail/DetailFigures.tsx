import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { formatBytes, formatCount, formatRate } from "../design/format.ts";
import { useMirroredRow } from "../mirror/use-mirrored.ts";
import { routeCondition } from "../routes/route-condition.ts";
import type { RouteLook } from "../routes/route-look.ts";
import { StateAge, TroubleAge } from "../routes/RouteSince.tsx";

interface DetailFiguresProps {
  readonly look: RouteLook;
  readonly clients: string;
}

/** What passes through a route, and for how long it has been as it is. */
export function DetailFigures({ look, clients }: DetailFiguresProps) {
  const figures = useMirroredRow("routes", look.id, figuresOf);
  if (!figures) return null;
  return (
    <dl className="route-figures">
      <SinceFigure look={look} />
      <Figure label="Connections" value={figures.open} />
      <Figure label="Total so far" value={figures.total} />
      <Figure label="Refused" value={figures.refused} />
      <Figure label="↓ to clients" {...figures.toClient} />
      <Figure label="↑ to backend" {...figures.toBackend} />
      <Figure label="Clients" value={clients.replaceAll("-", " ")} />
    </dl>
  );
}

/** As they are written. */
function figuresOf({ connections, rate, bytes }: RouteStatus) {
  return {
    open: formatCount(connections.open),
    total: formatCount(connections.total),
    refused: formatCount(connections.refused),
    toClient: { value: formatRate(rate.toClient), note: formatBytes(bytes.toClient) },
    toBackend: { value: formatRate(rate.toBackend), note: formatBytes(bytes.toBackend) },
  };
}

function SinceFigure({ look }: { readonly look: RouteLook }) {
  const { trouble, word } = routeCondition(look);
  return (
    <div className="route-figure">
      <dt>{word} for</dt>
      <dd>
        <StateAge since={look.since} />
        {!trouble && look.lastTrouble && <TroubleAge {...look.lastTrouble} />}
      </dd>
    </div>
  );
}

function Figure({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div className="route-figure">
      <dt>{label}</dt>
      <dd>
        {value}
        {note && <span className="soft route-figure-note"> {note}</span>}
      </dd>
    </div>
  );
}
