import { expect, test } from "vitest";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { renderMetrics } from "../../app/api/metrics.ts";
import { routeStatus } from "../desktop/facts.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { emptyDocument, runApi } from "./running-api.ts";

cleanUpAfterEach();

interface Family {
  readonly type: string;
  readonly samples: Readonly<Record<string, number>>;
}

/** Reads the text format strictly: HELP, then TYPE, then samples of that family, every line ended. */
function parse(text: string): Readonly<Record<string, Family>> {
  const families: Record<string, { type: string; samples: Record<string, number> }> = {};
  expect(text.endsWith("\n")).toBe(true);
  let current = "";
  let helped = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const help = /^# HELP ([a-z_]+) .+$/.exec(line);
    const type = /^# TYPE ([a-z_]+) (gauge|counter)$/.exec(line);
    const sample =
      /^([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\}) (-?\d+(?:\.\d+)?)$/.exec(
        line,
      );
    if (help?.[1] !== undefined) helped = help[1];
    else if (type?.[1] !== undefined) {
      expect(type[1]).toBe(helped);
      expect(families).not.toHaveProperty(type[1]);
      current = type[1];
      families[current] = { type: type[2] ?? "", samples: {} };
    } else {
      expect(sample?.[1], `line ${JSON.stringify(line)}`).toBe(current);
      const family = families[current];
      const labels = sample?.[2] ?? "";
      expect(family?.samples).not.toHaveProperty([labels]);
      if (family) family.samples[labels] = Number(sample?.[3]);
    }
  }
  return families;
}

const backend = {
  id: "a",
  health: "up",
  reason: null,
  connections: 3,
  bytes: { toBackend: 0, toClient: 0 },
  rate: { toBackend: 0, toClient: 0 },
  load: null,
  endpoints: [],
  instanceName: null,
} as const;

const snapshot: Snapshot = {
  revision: 1,
  time: "t",
  routes: [
    routeStatus("r", {
      connections: { open: 3, total: 41, refused: 1 },
      bytes: { toBackend: 1_024, toClient: 88_123 },
    }),
    routeStatus("held", { state: "held" }),
    routeStatus("half", { state: "degraded" }),
  ],
  backends: [
    backend,
    { ...backend, id: "b", health: "degraded" },
    { ...backend, id: "c", health: "down" },
    { ...backend, id: "d", health: "unknown" },
  ],
  pools: [],
  tunnels: [],
  connections: [],
  openConnections: 0,
};

test("every figure of the snapshot is there, once, under its type", () => {
  const families = parse(renderMetrics(snapshot));
  expect(Object.fromEntries(Object.entries(families).map(([name, family]) => [name, family.type]))).toEqual({
    shunt_route_up: "gauge",
    shunt_route_connections_open: "gauge",
    shunt_route_connections_total: "counter",
    shunt_route_connections_refused_total: "counter",
    shunt_route_bytes_total: "counter",
    shunt_backend_up: "gauge",
    shunt_backend_connections_open: "gauge",
  });
  expect(families["shunt_route_up"]?.samples).toEqual({
    '{route="r"}': 1,
    '{route="held"}': 0,
    '{route="half"}': 1,
  });
  expect(families["shunt_route_connections_open"]?.samples['{route="r"}']).toBe(3);
  expect(families["shunt_route_connections_total"]?.samples['{route="r"}']).toBe(41);
  expect(families["shunt_route_connections_refused_total"]?.samples['{route="r"}']).toBe(1);
  expect(families["shunt_route_bytes_total"]?.samples).toMatchObject({
    '{route="r",direction="to_backend"}': 1_024,
    '{route="r",direction="to_client"}': 88_123,
  });
  expect(families["shunt_backend_up"]?.samples).toEqual({
    '{backend="a"}': 1,
    '{backend="b"}': 0.5,
    '{backend="c"}': 0,
  });
  expect(families["shunt_backend_connections_open"]?.samples['{backend="d"}']).toBe(3);
});

test("labels are escaped, whatever a name holds", () => {
  const odd = { ...snapshot, routes: [routeStatus('a"b\\c\nd')], backends: [] };
  expect(parse(renderMetrics(odd))["shunt_route_up"]?.samples).toEqual({ '{route="a\\"b\\\\c\\nd"}': 1 });
});

test("a scrape gets the text format, with nothing configured too", async () => {
  const { fetch } = await runApi(emptyDocument);
  const answer = await fetch("/metrics");
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(Object.keys(parse(await answer.text()))).toHaveLength(7);
});
