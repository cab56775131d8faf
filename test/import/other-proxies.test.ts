/** nginx.conf and haproxy.cfg as backends, pools and routes. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { emptyConfig } from "../../app/config/empty-config.ts";
import { parseConfig } from "../../app/config/parse-config.ts";
import type { RouteConfig, ShuntConfig } from "../../app/contract/config.ts";
import { haproxySource } from "../../app/import/haproxy/haproxy-source.ts";
import { nginxSource } from "../../app/import/nginx/nginx-source.ts";
import { planImport } from "../../app/import/plan-import.ts";
import { withItems } from "../../app/import/with-items.ts";
import { everyKind } from "../export/every-kind.ts";
import { exportedText } from "../export/exported.ts";

const sources = { nginx: nginxSource, haproxy: haproxySource };
type Format = keyof typeof sources;

function read(format: Format, text: string) {
  const reply = sources[format](text, null);
  if (!reply.ok) throw new Error(reply.failure.message);
  return reply.value;
}

/** The document that taking everything would give. */
function documentOf(format: Format, text: string): ShuntConfig {
  const { additions } = read(format, text);
  const config = withItems(
    emptyConfig,
    planImport(additions, { config: emptyConfig, resolved: emptyConfig }),
  );
  expect(parseConfig(config, {})).toMatchObject({ ok: true });
  return config;
}

function told(format: Format, text: string): readonly string[] {
  return read(format, text).notUnderstood.map(({ where, what }) => `${where}: ${what}`);
}

/** Where a route listens and what its clients meet there, without ids. */
function shapesOf({ routes, backends, pools }: ShuntConfig) {
  const addressOf = ({ target, transport }: RouteConfig) =>
    (pools.find(({ id }) => id === target)?.members ?? [target]).map(
      (id) => backends.find((one) => one.id === id)?.[transport ?? "admin"],
    );
  return Object.fromEntries(
    routes.map((route) => {
      const { listen, path, host, transport, keepPrefix, tlsPassthrough, serverNames = [] } = route;
      const key = `${listen} ${host ?? ""}${path ?? ""}${[...serverNames].sort().join(" ")}`.trim();
      return [key, { transport, keepPrefix, tlsPassthrough, to: addressOf(route) }];
    }),
  );
}

describe.each(["nginx", "haproxy"] as const)("what Shunt exports as %s", (format) => {
  test("comes back with the same listeners, kinds, prefixes and addresses", () => {
    const backends = everyKind.backends.filter(({ id }) => id === "one" || id === "two");
    const pools = [{ id: "pair", members: ["one", "spare"], balance: "least-connections" }];
    const spare = { id: "spare", amps: "tcp://127.0.0.9:9307", admin: "http://127.0.0.9:8385" };
    const pooled = {
      id: "pooled",
      listen: "127.0.0.1:9930",
      transport: "amps",
      target: "pair",
      clients: "subscribers",
    };
    const single = everyKind.routes.filter(
      ({ enabled, target }) => enabled !== false && /^(one|two)$/.test(target),
    );
    const original = { backends: [...backends, spare], pools, routes: [...single, pooled] };
    const parsed = parseConfig({ version: 1, ...original }, {});
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const config = documentOf(format, exportedText(original, { format, annotate: true }));
    expect(shapesOf(config)).toEqual(shapesOf(parsed.value.resolved));
    expect(config.pools).toMatchObject([{ balance: "least-connections" }]);
    expect(config.backends.find(({ label }) => label === "127.0.0.2")?.tls).toEqual(
      everyKind.backends[1]?.tls,
    );
  });
});

const nginxConf = `
user www-data;
events {}
stream {
  upstream amps { least_conn; server amps-1:9007 weight=2; server "amps-2:9007"; }
  upstream ha { server amps-1:10004; server amps-2:10004 backup; }
  server { listen 127.0.0.1:9007; proxy_pass amps; }
  server { listen 10004; listen [::]:10004; proxy_pass ha; proxy_timeout 1d; }
  server { listen 127.0.0.1:9008; proxy_pass amps-3:9008; }
  server {
    listen 127.0.0.1:9443 ssl; ssl_certificate /c.pem; ssl_certificate_key /k.pem;
    proxy_pass amps-4:9007; proxy_ssl on; proxy_ssl_verify off;
  }
  server { listen 127.0.0.1:8443; proxy_pass amps-1:8443; }
  server { listen unix:/run/x; proxy_pass amps; }
  server { listen 127.0.0.1:5353 udp; proxy_pass amps; }
  server { listen 127.0.0.1:9100; proxy_pass $backend; }
  server { listen 127.0.0.1:5432; proxy_pass db:5432; }
}
http {
  include mime.types;
  server {
    listen 127.0.0.1:8080;
    location /one/ { proxy_pass http://amps-1:8085/; } # stripped
    location /two/ { proxy_pass https://amps-2:8085; proxy_ssl_trusted_certificate "/a b.pem"; }
    location /ws/ { proxy_pass http://amps-1:9008/; proxy_set_header Upgrade $http_upgrade; }
    location /odd/ { proxy_pass http://amps-1:8085/else/; }
    location ~ \\.php$ { proxy_pass http://amps-1:8085; }
    location /files/ { root /srv; }
    location /inner/ { deny all; proxy_pass http://amps-1:8085/; }
  }
  server { listen 127.0.0.1:8080; server_name Desk.example.com; location / { proxy_pass http://amps-9:8085; } }
}`;

test("an nginx.conf: stream servers, upstreams, TLS, locations", () => {
  const { routes, pools, backends } = documentOf("nginx", nginxConf);
  const by = (listen: string, path?: string) =>
    routes.find((one) => one.listen === listen && one.path === path);
  expect(pools).toEqual([
    { id: "amps", members: ["amps-1", "amps-2"], balance: "least-connections", weights: { "amps-1": 2 } },
    { id: "ha", members: ["amps-1", "amps-2"], balance: "primary" },
  ]);
  expect(by("127.0.0.1:9007")).toMatchObject({ transport: "amps", target: "amps" });
  // Both listen lines are one address of Shunt's.
  expect(by("[::]:10004")).toMatchObject({ transport: "replication", target: "ha" });
  expect(by("127.0.0.1:9008")).toMatchObject({ transport: "websocket", target: "amps-3" });
  expect(by("127.0.0.1:9443")).toMatchObject({ tls: { certFile: "/c.pem", keyFile: "/k.pem" } });
  expect(backends.find(({ id }) => id === "amps-4")).toMatchObject({
    amps: "tcps://amps-4:9007",
    tls: { verify: false },
  });
  expect(by("127.0.0.1:8443")).toMatchObject({ transport: "admin", tlsPassthrough: true });
  expect(by("127.0.0.1:8080", "/one")).not.toHaveProperty("keepPrefix");
  expect(by("127.0.0.1:8080", "/two")).toMatchObject({ keepPrefix: true });
  expect(backends.find(({ admin }) => admin === "https://amps-2:8085")?.tls).toEqual({ caFile: "/a b.pem" });
  expect(routes.find(({ host }) => host === "desk.example.com")).toMatchObject({ target: "amps-9" });
  expect(routes).toHaveLength(11);
});

test("an nginx.conf: what is not understood is told with its line, and nothing unsafe is suggested", () => {
  const lines = told("nginx", nginxConf);
  expect(lines).toEqual(
    expect.arrayContaining([
      "line 15: listen: is no address with one port by number, or a range of them.",
      "line 16: listen: Shunt listens on TCP only.",
      "line 17: proxy_pass: leads where a variable says.",
      "line 21: include: not read; import that file as well.",
      "line 27: proxy_pass: puts another path in place of the location's.",
      "line 28: location: is none that a path prefix of Shunt could stand for.",
      "line 2: user: left out; Shunt has nothing of the kind, or decides it itself.",
    ]),
  );
  const { routes } = read("nginx", nginxConf).additions;
  expect(
    routes.filter(({ suggested }) => suggested === false).map(({ row }) => row.path ?? row.listen),
  ).toEqual(["127.0.0.1:5432", "/inner"]);
  expect(routes.find(({ row }) => row.listen === "[::]:10004")?.note).toMatch(
    /replication port.*Others on the network/,
  );
  expect(routes.find(({ row }) => row.path === "/two")?.note).toMatch(/does not verify.*Shunt will/);
});

const haproxyCfg = `
global
  maxconn 100
defaults
  mode tcp
  default-server inter 2s
frontend amps # clients
  bind 127.0.0.1:9007,127.0.0.1:9017
  default_backend pool
backend pool
  balance leastconn
  server a amps-1:9007 weight 3 check
  server b amps-2:9007 ssl ca-file "/ca file.pem" verifyhost amps-2.example.com
listen repl
  bind *:10004
  server a amps-1:10004
  server b amps-2:10004 backup
frontend web
  mode http
  bind 127.0.0.1:8443 ssl crt /both.pem
  acl is_one path_beg /one
  use_backend one if is_one
  use_backend two if { path_beg /two/ }
  use_backend desk if { hdr(host) -i desk.example.com }
  use_backend one if { src 10.0.0.0/8 }
  default_backend two
backend one
  mode http
  http-request replace-path ^/one(/.*) \\\\1
  server s amps-1:8085
backend two
  mode http
  server s amps-2:8085 ssl verify none
backend desk
  mode http
  http-request deny if { src 10.0.0.1 }
  server s amps-3:8085 send-proxy
listen sock
  bind /run/h.sock
  server s amps-1:9007
`;

test("a haproxy.cfg: listen, frontend and backend, paths and Host names", () => {
  const { routes, pools, backends } = documentOf("haproxy", haproxyCfg);
  const byUrl = (url: string) => backends.find((one) => [one.amps, one.admin].includes(url));
  expect(pools).toMatchObject([
    { id: "pool", balance: "least-connections", weights: { a: 3 } },
    { id: "repl", balance: "primary" },
  ]);
  expect(byUrl("tcps://amps-2:9007")?.tls).toEqual({
    caFile: "/ca file.pem",
    serverName: "amps-2.example.com",
  });
  expect(byUrl("https://amps-2:8085")?.tls).toEqual({ verify: false });
  expect(routes.map(({ listen, host, path }) => [listen, host ?? path])).toEqual([
    ["127.0.0.1:9007", undefined],
    ["127.0.0.1:9017", undefined],
    ["0.0.0.0:10004", undefined],
    ["127.0.0.1:8443", "/one"],
    ["127.0.0.1:8443", "/two"],
    ["127.0.0.1:8443", "desk.example.com"],
    ["127.0.0.1:8443", "/"],
  ]);
  expect(routes[3]).toMatchObject({ tls: { certFile: "/both.pem", keyFile: "/both.pem" } });
  expect(routes.map(({ keepPrefix }) => keepPrefix === true)).toEqual([
    ...[false, false, false, false, true, false, false],
  ]);
});

test("a haproxy.cfg: what is not understood is told with its line, and nothing unsafe is suggested", () => {
  expect(told("haproxy", haproxyCfg)).toEqual(
    expect.arrayContaining([
      "line 25: use_backend: asks for more than a path or a Host name.",
      "line 37: server: expects the PROXY protocol, which Shunt does not send.",
      "line 39: bind: is no address with one port by number, or a range of them.",
      "line 2: the section global: left out; Shunt has nothing of the kind, or decides it itself.",
    ]),
  );
  const { routes } = read("haproxy", haproxyCfg).additions;
  expect(routes.filter(({ suggested }) => suggested === false).map(({ row }) => row.host)).toEqual([
    "desk.example.com",
  ]);
});

test.each<[Format, string, RegExp]>([
  ["nginx", "", /no block/],
  ["nginx", "stream { server { listen 1;", /line 1, a block is not closed/],
  ["nginx", "http {}\n}", /line 2, a closing brace/],
  ["nginx", 'http { x "open }', /line 1, a quotation mark/],
  ["nginx", "a {".repeat(100_000), /nested too deep/],
  ["nginx", '{"version": 1}', /"{" stands alone/],
  ["nginx", "a b;".repeat(20_001), /more than 20,000 directives/],
  ["haproxy", `global\n${"  x\n".repeat(20_000)}`, /more than 20,000 lines/],
  ["haproxy", "", /no section/],
  ["haproxy", "stream {\n}", /line 1, stands in no section/],
  ["haproxy", "global\n  x 'open", /line 2, a quotation mark/],
])("%s: a text that is not of its kind is refused, with the line", (format, text, message) => {
  const reply = sources[format](text, null);
  expect(reply).toMatchObject({ ok: false, failure: { code: "IMPORT_UNREADABLE" } });
  expect(reply.ok ? "" : reply.failure.message).toMatch(message);
});

test("of a file with too many servers the first are read, and the rest is told", () => {
  const servers = Array.from(
    { length: 3_100 },
    (_, n) => `server { listen ${n + 1}; proxy_pass h${n}:9007; }`,
  );
  const { additions, notUnderstood } = read("nginx", `stream { ${servers.join("\n")} }`);
  expect(additions.routes).toHaveLength(3_000);
  expect(notUnderstood.map(({ where }) => where)).toEqual(["the rest of the file"]);
});

test("a file that is cut off anywhere is read or refused, never an exception", () => {
  const files: readonly (readonly [Format, string])[] = [
    ["nginx", nginxConf],
    ["haproxy", haproxyCfg],
    [
      "haproxy",
      readFileSync(new URL("../export/fixtures/haproxy.txt", import.meta.url), "utf8").slice(-3000),
    ],
  ];
  for (const [format, text] of files)
    for (let end = 0; end < text.length; end += 7)
      expect(typeof sources[format](text.slice(0, end), null).ok).toBe("boolean");
});
