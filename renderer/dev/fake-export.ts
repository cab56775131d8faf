/** Exports as the UI meets them: refused without `annotate` where a backend has a tunnel, else a file or two. */
import type { ShuntConfig } from "../../app/contract/config.ts";
import type {
  ExportedFile,
  ExportFormat,
  ExportPreview,
  ExportRequest,
  NotExpressed,
} from "../../app/contract/export.ts";

const languages: Readonly<Record<ExportFormat, readonly [name: string, language: ExportedFile["language"]]>> =
  {
    nginx: ["shunt-nginx.conf", "nginx"],
    haproxy: ["shunt-haproxy.cfg", "haproxy"],
    envoy: ["shunt-envoy.yaml", "yaml"],
    amps: ["shunt-amps.xml", "xml"],
    clients: ["shunt-clients.txt", "text"],
    json: ["shunt.json", "json"],
  };

function fakeLines(config: ShuntConfig, format: ExportFormat): string {
  const routes = config.routes.filter((route) => route.enabled !== false);
  switch (format) {
    case "nginx":
      return routes
        .map(
          ({ id, listen, target }) =>
            `# route ${id} → ${target}\nserver {\n    listen ${listen} so_keepalive=on;\n    proxy_pass ${id}-amps;\n    proxy_timeout 24d;\n}\n`,
        )
        .join("\n");
    case "haproxy":
      return routes
        .map(
          ({ id, listen, target }) =>
            `# route ${id} → ${target}\nlisten ${id}\n    bind ${listen}\n    mode tcp\n    timeout tunnel 24d\n    server ${target} 127.0.0.1:9007\n`,
        )
        .join("\n");
    case "envoy":
      return `static_resources:\n  listeners:\n${routes.map(({ id }) => `    # route ${id}\n    - name: ${id}\n`).join("")}`;
    case "amps":
      return `<!-- prod-1 -->\n<Admin>\n  <AnonymousPaths>^/amps$</AnonymousPaths>\n</Admin>\n`;
    case "clients":
      return routes.map(({ id, listen }) => `${id}\n  tcp://${listen}/amps/json\n`).join("\n");
    case "json":
      return `${JSON.stringify(config, null, 2)}\n`;
  }
}

export function fakeExport(config: ShuntConfig, request: ExportRequest): ExportPreview {
  const { format, annotate = false, publicHost } = request;
  const isEngine = format === "nginx" || format === "haproxy" || format === "envoy";
  const tunneled = isEngine ? config.backends.filter((backend) => backend.via !== undefined) : [];
  const notExpressed: NotExpressed[] = tunneled.map(({ id, via = "" }) => ({
    code: "TUNNEL_SSH",
    outcome: annotate ? "left-out" : "refused",
    route: null,
    pool: null,
    backend: id,
    reason: `Backend ${id} is reached through SSH tunnel ${via}, and an engine opens none: a unit with ssh -L has to stand beside it.`,
  }));
  if (publicHost !== undefined && isEngine)
    notExpressed.push({
      code: "BIND_ALL",
      outcome: "differs",
      route: null,
      pool: null,
      backend: null,
      reason: `Routes on loopback listen on every interface here, for clients that come to ${publicHost}; put a firewall in front.`,
    });
  if (tunneled.length > 0 && !annotate) return { files: [], notExpressed };
  const [name, language] = languages[format];
  const files: ExportedFile[] = [{ name, language, text: fakeLines(config, format) }];
  for (const via of new Set(tunneled.map((backend) => backend.via ?? "")))
    files.push({
      name: `shunt-tunnel-${via}.service`,
      language: "systemd",
      text: `[Unit]\nDescription=SSH tunnel ${via} of Shunt\n\n[Service]\nExecStart=/usr/bin/ssh -N -o ExitOnForwardFailure=yes ${via}\nRestart=always\n`,
    });
  return { files, notExpressed };
}
