/** HAProxy: TCP mode for raw bytes, HTTP mode for paths; one thread. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../support/free-port.ts";
import { startServing, type RunningForwarder, type Setting } from "./forwarder.ts";

export async function startHaproxy(
  program: string,
  { backendPort, folder, cpu, paths }: Setting,
): Promise<RunningForwarder> {
  const [rawPort, httpPort] = [await freePort(), await freePort()];
  const [config, prefixes] = [join(folder, "haproxy.cfg"), join(folder, "prefixes")];
  writeFileSync(
    prefixes,
    ["/p/", ...Array.from({ length: paths }, (_, index) => `/r${index}/`)].join("\n") + "\n",
  );
  writeFileSync(
    config,
    `global
  nbthread 1
  maxconn 4000
defaults
  maxconn 4000
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
  option splice-auto
listen raw
  mode tcp
  bind 127.0.0.1:${rawPort} backlog 4096
  server backend 127.0.0.1:${backendPort}
frontend paths
  mode http
  bind 127.0.0.1:${httpPort} backlog 4096
  acl known path_beg -f ${prefixes}
  http-request deny deny_status 404 unless known
  option forwardfor
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
  http-request set-header X-Forwarded-Proto http
  http-request replace-path /[^/]+(/.*) \\1
  default_backend backend
backend backend
  mode http
  http-reuse always
  server backend 127.0.0.1:${backendPort}
`,
  );
  const child = await startServing({ command: program, args: ["-db", "-f", config], cpu }, [
    rawPort,
    httpPort,
  ]);
  return { rawPort, httpPort, pids: [child.pid], stop: () => child.stop() };
}
