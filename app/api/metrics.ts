/** The snapshot's figures in Prometheus's text format. Pure. */
import type { Snapshot } from "../contract/snapshot.ts";

type Labels = Readonly<Record<string, string>>;

function escapeLabel(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

function sample(name: string, labels: Labels, value: number): string {
  const list = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}{${list.join(",")}} ${value}`;
}

interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly samples: readonly (readonly [Labels, number])[];
}

function families({ routes, backends }: Snapshot): readonly Family[] {
  const perRoute = (value: (route: Snapshot["routes"][number]) => number) =>
    routes.map((route) => [{ route: route.id }, value(route)] as const);
  const perBackend = (value: (backend: Snapshot["backends"][number]) => number) =>
    backends.map((backend) => [{ backend: backend.id }, value(backend)] as const);
  return [
    {
      name: "shunt_route_up",
      type: "gauge",
      help: "1 while the route takes new connections.",
      samples: perRoute((route) => (route.state === "listening" || route.state === "degraded" ? 1 : 0)),
    },
    {
      name: "shunt_route_connections_open",
      type: "gauge",
      help: "Client connections open now.",
      samples: perRoute((route) => route.connections.open),
    },
    {
      name: "shunt_route_connections_total",
      type: "counter",
      help: "Client connections that a backend took.",
      samples: perRoute((route) => route.connections.total),
    },
    {
      name: "shunt_route_connections_refused_total",
      type: "counter",
      help: "Clients that were turned away.",
      samples: perRoute((route) => route.connections.refused),
    },
    {
      name: "shunt_route_bytes_total",
      type: "counter",
      help: "Payload bytes by direction.",
      samples: routes.flatMap((route) => [
        [{ route: route.id, direction: "to_backend" }, route.bytes.toBackend] as const,
        [{ route: route.id, direction: "to_client" }, route.bytes.toClient] as const,
      ]),
    },
    {
      name: "shunt_backend_up",
      type: "gauge",
      help: "1 up, 0 down, 0.5 in part; absent while unknown.",
      samples: backends
        .filter((backend) => backend.health !== "unknown")
        .map(
          (backend) =>
            [{ backend: backend.id }, { up: 1, degraded: 0.5, down: 0, unknown: 0 }[backend.health]] as const,
        ),
    },
    {
      name: "shunt_backend_connections_open",
      type: "gauge",
      help: "Connections to the backend open now.",
      samples: perBackend((backend) => backend.connections),
    },
  ];
}

export function renderMetrics(snapshot: Snapshot): string {
  return families(snapshot)
    .map(({ name, type, help, samples }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(([labels, value]) => sample(name, labels, value)),
        "",
      ].join("\n"),
    )
    .join("");
}
