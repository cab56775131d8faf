/** A whole haproxy.cfg. */
import type { ExportPlan } from "../plan/export-plan.ts";
import { listenerLines } from "./haproxy-frontend.ts";
import { comments, section, type Lines } from "./haproxy-syntax.ts";

/** AMPS clients may be silent for hours; keepalives find the ones that are gone. */
const forever = "24d";

// A maxconn that the limit on open files does not allow would keep HAProxy from starting.
const globals: Lines = section("global", [
  ...comments([
    "maxconn follows from the limit on open files, two for each connection; no more than this many files.",
  ]),
  "fd-hard-limit 200000",
]);

const defaults: Lines = section("defaults", [
  "timeout connect 10s",
  `timeout client ${forever}`,
  `timeout server ${forever}`,
  `timeout tunnel ${forever}`,
  "timeout http-request 10s",
  "timeout http-keep-alive 65s",
  "timeout check 5s",
  "option clitcpka",
  "option srvtcpka",
  ...comments([
    "A backend knows a client by its connection: none is shared, none is opened again in silence.",
  ]),
  "http-reuse never",
  "retries 0",
]);

function statsPage(port: number): Lines {
  return section("frontend shunt-stats", [
    `bind 127.0.0.1:${port}`,
    "mode http",
    `http-request deny unless { req.hdr(host) -m str -i 127.0.0.1:${port} localhost:${port} }`,
    "stats enable",
    "stats uri /",
    "stats refresh 5s",
    "stats hide-version",
  ]);
}

const noEndpoint: Lines = section("backend no-endpoint", [
  "mode http",
  "http-request return status 404 content-type text/plain string 'The backend has no endpoint for this kind of traffic.'",
]);

export function haproxyFile(plan: ExportPlan, headline: Lines): string {
  const lines = [
    ...comments(headline),
    "",
    ...globals,
    ...defaults,
    ...statsPage(plan.statsPort),
    ...plan.listeners.flatMap(listenerLines),
    ...(plan.listeners.some(({ kind }) => kind === "paths") ? noEndpoint : []),
  ];
  return `${lines.join("\n").trim()}\n`;
}
