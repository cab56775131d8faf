/** What many path routes cost a request: through a whole proxy, and in the path table alone. */
import { createPathTable } from "../../../app/http/path-table.ts";
import type { Forwarder, RunningForwarder } from "../forwarders/forwarder.ts";
import { startBehind, takeMeasure, tried, type FigureResult } from "../rounds.ts";
import { rotated } from "../statistics.ts";
import { collect, type Study, type StudyOptions } from "./study.ts";

const sizes = [1, 100, 10_000];
const lookUps = 200_000;

/** Nanoseconds a look-up, over all routes in an order that is none; half of the targets match nothing. */
export function pathTableNs(size: number, count = lookUps): number {
  const table = createPathTable(
    Array.from({ length: size }, (_, index) => ({ prefix: `/r${index}`, host: null, route: index })),
  );
  const targets = Array.from({ length: 1_024 }, (_, index) => {
    const route = (index * 7_919) % size;
    return index % 2 === 0 ? `/r${route}/amps/instance/name.json` : `/none${route}/amps/instance/name.json`;
  });
  let matched = 0;
  const started = performance.now();
  for (let index = 0; index < count; index++)
    if (table.match("127.0.0.1", targets[index % targets.length] ?? "")) matched++;
  const lastedMs = performance.now() - started;
  if (matched !== Math.ceil(count / 2))
    throw new Error("the path table matched what it should not, or did not");
  return (lastedMs / count) * 1e6;
}

/** Those in whose start ten thousand routes are a configuration file, not a page of rows. */
const studied = ["shunt", "nginx", "haproxy"];

async function run(options: StudyOptions): Promise<readonly FigureResult[]> {
  const { forwarders, generator, cpus, rounds, ms, say } = options;
  const collected = collect();
  const chosen = forwarders.filter(({ name }) => studied.includes(name));
  const running: {
    readonly forwarder: Forwarder;
    readonly size: number;
    readonly proxy: RunningForwarder;
  }[] = [];
  try {
    for (const size of sizes)
      for (const forwarder of chosen) {
        const proxy = await tried(`${forwarder.name} with ${size} routes`, say, () =>
          startBehind(forwarder, generator, { cpu: cpus.forwarder, paths: size }),
        );
        if (proxy) running.push({ forwarder, size, proxy });
      }
    for (let round = 0; round < rounds; round++) {
      say(`path match, round ${round + 1} of ${rounds}`);
      for (const size of sizes) {
        for (const one of rotated(running, round).filter((other) => other.size === size)) {
          const taken = await tried(`match-${size} of ${one.forwarder.name}`, say, () =>
            takeMeasure(
              { order: `requests path=/r paths=${size}`, through: "paths" },
              { running: one.proxy, generator, ms },
            ),
          );
          collected.add(`match-${size}`, one.forwarder.name, taken?.answer.p50 ?? null);
        }
        if (chosen.some(({ name }) => name === "shunt"))
          collected.add(`match-table-${size}`, "shunt", pathTableNs(size));
      }
    }
  } finally {
    await Promise.all(running.map(({ proxy }) => proxy.stop()));
  }
  const common = { section: "Path match", better: "less" } as const;
  const routes = (size: number) => `${size.toLocaleString("en-US")} ${size === 1 ? "route" : "routes"}`;
  return [
    ...sizes.map((size) =>
      collected.result({ ...common, unit: "µs", id: `match-${size}`, title: `a GET, ${routes(size)}, p50` }),
    ),
    ...sizes.map((size) =>
      collected.result({
        ...common,
        unit: "ns",
        id: `match-table-${size}`,
        title: `the path table alone, ${routes(size)}`,
      }),
    ),
  ];
}

export const match: Study = { id: "match", isQuick: false, run };
