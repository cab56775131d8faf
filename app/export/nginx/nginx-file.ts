/** A whole nginx.conf. */
import { carriesBytes, type ExportPlan } from "../plan/export-plan.ts";
import { sharedMaps } from "./nginx-maps.ts";
import { httpListener, httpSettings } from "./nginx-http.ts";
import { streamServer, streamSettings } from "./nginx-stream.ts";
import { block, comments, type Lines } from "./nginx-syntax.ts";

export function nginxFile(plan: ExportPlan, headline: Lines): string {
  const raw = plan.listeners.filter(carriesBytes);
  const http = plan.listeners.filter((listener) => !carriesBytes(listener));
  const hasDollar = http.some(({ routes }) => routes.some(({ prefix }) => prefix.includes("$")));
  const lines = [
    ...comments(headline),
    "",
    ...(raw.length === 0
      ? []
      : [
          ...comments(["Debian's NGINX loads the stream module; where it is built in, take this line out."]),
          "load_module modules/ngx_stream_module.so;",
        ]),
    "worker_processes auto;",
    "worker_rlimit_nofile 65536;",
    "",
    ...block("events", comments(["Both sides of a connection count."]).concat("worker_connections 32000;")),
    "",
    ...(raw.length === 0
      ? []
      : [...block("stream", [...streamSettings, "", ...raw.flatMap(streamServer)]), ""]),
    ...(http.length === 0
      ? []
      : block("http", [
          ...httpSettings,
          "",
          ...(hasDollar ? ['geo $shunt_dollar { default "$"; }', ""] : []),
          ...sharedMaps.flatMap((lines) => [...lines, ""]),
          ...http.flatMap(httpListener),
        ])),
  ];
  return tidy(lines);
}

/** At most one empty line in a row, none before a closing brace, one line end at the end. */
function tidy(lines: Lines): string {
  const text = lines.join("\n");
  return `${text
    .replace(/\n{3,}/g, "\n\n")
    .replace(/\n\n(\s*\})/g, "\n$1")
    .trim()}\n`;
}
