/** The Envoy export against Envoy's own protocol buffers: no Envoy is at hand here that could be asked. */
import { expect, test } from "vitest";
import { parse } from "yaml";
import { envoyProblems } from "./envoy-schema.ts";
import { exportedText } from "./exported.ts";
import { everyKind } from "./every-kind.ts";

function bootstrap(document: object): Record<string, never> {
  return parse(exportedText(document, { format: "envoy", annotate: true })) as Record<string, never>;
}

test("an export of every kind of route is a bootstrap by Envoy's own protocol buffers", () => {
  expect(envoyProblems(bootstrap(everyKind))).toEqual([]);
});

test("the schema tells wrong fields, types, values and what is missing", () => {
  const wrong = {
    static_resources: {
      listeners: [
        {
          name: 7,
          adress: {},
          address: { socket_address: { address: "127.0.0.1", port_value: "x" } },
          filter_chains: [
            {
              filters: [
                {
                  name: "envoy.filters.network.tcp_proxy",
                  typed_config: {
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                    idle_timeout: "forever",
                    cluster: "a",
                    weighted_clusters: { clusters: [{ name: "b", weight: 1 }] },
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [{ name: "", lb_policy: "BEST" }],
    },
  };
  const problems = envoyProblems(wrong).join("\n");
  for (const expected of [
    /listeners\[0\]\.name: is no string/,
    /adress: is no field of envoy\.config\.listener\.v3\.Listener/,
    /port_value: is no uint32/,
    /idle_timeout: is no duration/,
    /has both cluster and weighted_clusters/,
    /stat_prefix: is missing/,
    /clusters\[0\]\.name: is empty/,
    /lb_policy: is no LbPolicy/,
  ])
    expect(problems).toMatch(expected);
});

test("every cluster that a listener names is there, and every group has its limits raised", () => {
  const text = exportedText(everyKind, { format: "envoy", annotate: true });
  const { static_resources: resources } = parse(text) as {
    static_resources: { clusters: readonly { name: string; circuit_breakers: unknown }[] };
  };
  const named = [...text.matchAll(/^ *cluster: (\S+)$/gm)].map((match) => match[1]);
  const clusters = resources.clusters.map(({ name }) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(clusters).toEqual(expect.arrayContaining(named));
  for (const { circuit_breakers: limits } of resources.clusters)
    expect(limits).toMatchObject({ thresholds: [{ max_connections: 100_000 }] });
});
