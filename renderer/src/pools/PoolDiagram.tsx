import { useId } from "react";
import type { BackendStatus, LinkStatus, PoolStatus } from "../../../app/contract/snapshot.ts";
import { healthCondition } from "../routes/route-condition.ts";
import { diagramSize, linkPath, memberPlaces, nodeHeight, nodeWidth, type Point } from "./diagram-layout.ts";
import { linkCondition } from "./link-condition.ts";

interface PoolDiagramProps {
  readonly members: readonly string[];
  readonly status: PoolStatus;
  readonly backends: readonly BackendStatus[];
}

/** The members and the replication links between them; the list beside it says the same in words. */
export function PoolDiagram({ members, status, backends }: PoolDiagramProps) {
  const places = memberPlaces(members.length);
  const { width, height } = diagramSize(members.length);
  const placeOf = new Map(members.map((id, at) => [id, places[at]]));
  // Ways that cross keep their words near where they begin.
  const labelAt = members.length > 2 ? 0.3 : 0.5;
  const described = status.links.map((link) => `${link.from} to ${link.to}: ${linkCondition(link).word}`);
  return (
    <svg
      className="pool-diagram"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Replication links. ${described.join("; ") || "None is known."}`}
    >
      {status.links.map((link) => {
        const [from, to] = [placeOf.get(link.from), placeOf.get(link.to)];
        return from && to ? (
          <LinkLine key={`${link.from} ${link.to}`} link={link} from={from} to={to} labelAt={labelAt} />
        ) : null;
      })}
      {members.map((id, at) => (
        <Node
          key={id}
          id={id}
          place={places[at] ?? { x: 0, y: 0 }}
          active={status.active === id}
          health={backends.find((backend) => backend.id === id)?.health ?? "unknown"}
        />
      ))}
    </svg>
  );
}

interface LinkLineProps {
  readonly link: LinkStatus;
  readonly from: Point;
  readonly to: Point;
  readonly labelAt: number;
}

function LinkLine({ link, from, to, labelAt }: LinkLineProps) {
  const head = useId();
  const { path, label } = linkPath(from, to, labelAt);
  const condition = linkCondition(link);
  return (
    <g className="pool-link" data-tone={condition.tone} data-state={link.state} data-source={link.source}>
      <title>{link.says}</title>
      <marker id={head} viewBox="0 0 8 8" refX="6.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">
        <path className="pool-link-head" d="M0 .5 7.5 4 0 7.5Z" />
      </marker>
      <path className="pool-link-line" d={path} markerEnd={`url(#${head})`} />
      <text x={label.x} y={label.y} textAnchor="middle" dominantBaseline="middle">
        {condition.word}
      </text>
    </g>
  );
}

interface NodeProps {
  readonly id: string;
  readonly place: Point;
  readonly active: boolean;
  readonly health: BackendStatus["health"];
}

function Node({ id, place, active, health }: NodeProps) {
  const { tone, word } = healthCondition(health);
  const shown = id.length > 15 ? `${id.slice(0, 14)}…` : id;
  return (
    <g className="pool-node" data-active={active} data-tone={tone}>
      <title>{`${id}: ${word}${active ? ", active" : ""}`}</title>
      <rect
        x={place.x - nodeWidth / 2}
        y={place.y - nodeHeight / 2}
        width={nodeWidth}
        height={nodeHeight}
        rx="4"
      />
      <text
        className="pool-node-id"
        x={place.x}
        y={place.y - 4}
        textAnchor="middle"
        dominantBaseline="middle"
      >
        {shown}
      </text>
      <text
        className="pool-node-state"
        x={place.x}
        y={place.y + 10}
        textAnchor="middle"
        dominantBaseline="middle"
      >
        {active ? `active · ${word.toLowerCase()}` : word.toLowerCase()}
      </text>
    </g>
  );
}
