import type { ExportFormat } from "../../../app/contract/export.ts";

interface FormatChoice {
  readonly id: ExportFormat;
  readonly label: string;
  /** What it is for, in a few words. */
  readonly purpose: string;
}

export const exportFormats: readonly FormatChoice[] = [
  { id: "nginx", label: "NGINX", purpose: "the routes as an NGINX configuration" },
  {
    id: "haproxy",
    label: "HAProxy",
    purpose: "the routes as an HAProxy configuration; keeps the guard by agent-check",
  },
  { id: "envoy", label: "Envoy", purpose: "the routes as static Envoy YAML" },
  { id: "amps", label: "AMPS", purpose: "elements for the instances’ own configuration files" },
  { id: "clients", label: "Clients", purpose: "connection strings for every kind of client" },
  { id: "json", label: "Shunt JSON", purpose: "this configuration, to be imported elsewhere" },
];
