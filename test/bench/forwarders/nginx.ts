/** NGINX: the stream module for raw bytes, its HTTP proxy for paths; one worker. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../support/free-port.ts";
import { startServing, type RunningForwarder, type Setting } from "./forwarder.ts";

/** The AMPS guide's own headers, and what an upgrade needs. */
function location(path: string): string {
  return `    location ${path}/ {
      proxy_pass http://backend/;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Prefix ${path};
    }`;
}

export async function startNginx(
  programs: { readonly nginx: string; readonly streamModule: string },
  { backendPort, folder, cpu, paths }: Setting,
): Promise<RunningForwarder> {
  const [rawPort, httpPort] = [await freePort(), await freePort()];
  const prefixes = ["/p", ...Array.from({ length: paths }, (_, index) => `/r${index}`)];
  mkdirSync(join(folder, "temp"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `load_module ${programs.streamModule};
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 16384; }
stream {
  server { listen 127.0.0.1:${rawPort} backlog=4096; proxy_pass 127.0.0.1:${backendPort}; tcp_nodelay on; }
}
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/temp/${name};`).join("\n")}
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  keepalive_requests 100000000;
  upstream backend { server 127.0.0.1:${backendPort}; keepalive 16; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${httpPort} backlog=4096;
    proxy_read_timeout 1h;
    proxy_send_timeout 1h;
${prefixes.map(location).join("\n")}
  }
}
`,
  );
  const child = await startServing({ command: programs.nginx, args: ["-p", folder, "-c", config], cpu }, [
    rawPort,
    httpPort,
  ]);
  return { rawPort, httpPort, pids: [child.pid], stop: () => child.stop() };
}
