/** What is measured in rounds: one order to the generator each, and the figures that come of it. */
import type { Answer } from "./generator.ts";

/** One measure of one forwarder in one round. */
interface Sample {
  readonly answer: Answer;
  /** Of the forwarder's whole tree, over `answer.allUnits`; null without a forwarder. */
  readonly cpuSeconds: number | null;
}

interface Figure {
  /** `MEASURE` or `MEASURE/ASPECT`. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly better: "more" | "less";
  of(sample: Sample): number | null;
}

export interface Measure {
  readonly id: string;
  readonly section: string;
  /** `raw`: a port route; `paths`: a path route on a shared HTTP port. */
  readonly through: "raw" | "paths";
  readonly order: string;
  readonly isQuick: boolean;
  readonly figures: readonly Figure[];
}

const perSecond = ({ answer }: Sample) => answer.units / answer.seconds;

function cpuPer(units: number) {
  return ({ answer, cpuSeconds }: Sample) =>
    cpuSeconds === null || answer.allUnits === 0 ? null : (cpuSeconds / answer.allUnits) * units;
}

function throughputMeasure(
  base: Omit<Measure, "figures" | "order"> & { readonly title: string; readonly order: string },
): Measure {
  const { id, title, order } = base;
  return {
    ...base,
    order: `throughput ${order}`,
    figures: [
      { id, title, unit: "GB/s", better: "more", of: (sample) => perSecond(sample) / 1e9 },
      { id: `${id}/cpu`, title: `${title}: processor time`, unit: "s/GB", better: "less", of: cpuPer(1e9) },
    ],
  };
}

function roundTripMeasure(
  base: Omit<Measure, "figures" | "order"> & { readonly title: string; readonly order: string },
): Measure {
  const { id, title } = base;
  const at = (name: "p50" | "p99" | "p999", shown: string): Figure => ({
    id: `${id}/${name}`,
    title: `${title}, ${shown}`,
    unit: "µs",
    better: "less",
    of: ({ answer }) => (answer.samples > 0 ? answer[name] : null),
  });
  return { ...base, figures: [at("p50", "p50"), at("p99", "p99"), at("p999", "p99.9")] };
}

function connectionMeasure(
  base: Omit<Measure, "figures" | "order"> & { readonly title: string; readonly order: string },
): Measure {
  const { id, title } = base;
  return {
    ...base,
    order: `connections ${base.order}`,
    figures: [
      { id, title, unit: "1/s", better: "more", of: perSecond },
      {
        id: `${id}/cpu`,
        title: `${title}: processor time per 1,000`,
        unit: "ms",
        better: "less",
        of: cpuPer(1e6),
      },
    ],
  };
}

const raw = { section: "Port routes", through: "raw" } as const;

const rawMeasures: readonly Measure[] = [
  ...(["down", "up"] as const).flatMap((direction) =>
    [1, 8].map((links) =>
      throughputMeasure({
        ...raw,
        id: `throughput-${direction}-${links}`,
        title: `throughput ${direction}, ${links} ${links === 1 ? "stream" : "streams"}`,
        order: `down=${direction === "down" ? 1 : 0} links=${links}`,
        isQuick: links === 1 && direction === "down",
      }),
    ),
  ),
  ...[64, 200, 4_096].map((size) =>
    roundTripMeasure({
      ...raw,
      id: `round-trip-${size}`,
      title: `round trip, ${size === 4_096 ? "4 KB" : `${size} B`}`,
      order: `round-trips size=${size}`,
      isQuick: size === 200,
    }),
  ),
  {
    ...raw,
    id: "messages",
    order: "messages size=200 links=4 window=16",
    isQuick: true,
    figures: [
      { id: "messages", title: "messages, 200 B", unit: "1/s", better: "more", of: perSecond },
      {
        id: "messages/cpu",
        title: "messages: processor time per million",
        unit: "s",
        better: "less",
        of: cpuPer(1e6),
      },
    ],
  },
  ...[1, 16].map((links) =>
    connectionMeasure({
      ...raw,
      id: `connections-${links}`,
      title: `connections, ${links} at a time`,
      // A closed connection keeps its port for a minute (TIME-WAIT): there are 28,000 of them.
      order: `links=${links} limit=8000`,
      isQuick: links === 16,
    }),
  ),
];

const pathMeasures: readonly Measure[] = (["websocket", "preflight"] as const).flatMap((upgrade) => {
  const paths = { section: "Path routes", through: "paths" } as const;
  const order = `upgrade=${upgrade} path=/p`;
  const name = upgrade === "websocket" ? "WebSocket" : "preflight";
  return [
    throughputMeasure({
      ...paths,
      id: `${upgrade}-throughput`,
      title: `${name}: throughput down`,
      order: `down=1 links=1 ${order}`,
      isQuick: false,
    }),
    roundTripMeasure({
      ...paths,
      id: `${upgrade}-round-trip`,
      title: `${name}: round trip, 200 B`,
      order: `round-trips size=200 ${order}`,
      isQuick: upgrade === "websocket",
    }),
    connectionMeasure({
      ...paths,
      id: `${upgrade}-upgrades`,
      title: `${name}: upgrades, 16 at a time`,
      order: `links=16 limit=4000 ${order}`,
      isQuick: upgrade === "websocket",
    }),
  ];
});

export const measures: readonly Measure[] = [...rawMeasures, ...pathMeasures];

/**
 * What every forwarder carries once before anything counts: a JavaScript engine has compiled after some sixteen thousand
 * connections what it then runs all day.
 */
export const warmUps: Readonly<
  Record<Measure["through"], readonly { readonly order: string; readonly ms: number }[]>
> = {
  raw: [
    { order: "connections links=16 limit=16000", ms: 8_000 },
    { order: "messages size=200 links=4 window=16", ms: 300 },
  ],
  paths: [{ order: "connections links=16 limit=3000 upgrade=websocket path=/p", ms: 4_000 }],
};

/** The same, over as soon as a little has come through. */
export function briefly(measure: Measure): Measure {
  return { ...measure, order: `${measure.order} limit=10` };
}
