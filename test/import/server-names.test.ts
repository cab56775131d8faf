/** TLS that NGINX and HAProxy tell apart by server name, as routes that share an address. */
import { expect, test } from "vitest";
import { emptyConfig } from "../../app/config/empty-config.ts";
import { parseConfig } from "../../app/config/parse-config.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { Additions } from "../../app/import/import-source.ts";
import { haproxySource } from "../../app/import/haproxy/haproxy-source.ts";
import { nginxSource } from "../../app/import/nginx/nginx-source.ts";
import { planImport } from "../../app/import/plan-import.ts";
import { withItems } from "../../app/import/with-items.ts";

function read(source: typeof nginxSource, text: string) {
  const reply = source(text, null);
  if (!reply.ok) throw new Error(reply.failure.message);
  const { additions, notUnderstood } = reply.value;
  return { additions, told: notUnderstood.map(({ where, what }) => `${where}: ${what}`) };
}

/** What taking everything would give, on top of what is there; fails where it is no valid document. */
function taken(additions: Additions, config: ShuntConfig = emptyConfig): ShuntConfig {
  const next = withItems(config, planImport(additions, { config, resolved: config }));
  expect(parseConfig(next, {})).toMatchObject({ ok: true });
  return next;
}

function shortly({ routes }: ShuntConfig): readonly string[] {
  return routes.map(
    ({ listen, transport, target, serverNames, tlsPassthrough }) =>
      `${listen} ${(serverNames ?? ["others"]).join(" ")} → ${target} ${transport} ${tlsPassthrough === true}`,
  );
}

const nginx = `
stream {
  upstream ny { server ny-1:9007; }
  upstream ldn { server ldn-1:9008; }
  map $ssl_preread_server_name $where {
    hostnames;
    default rest-1:9007;
    AMPS-NY.example.com ny;
    *.ny.example.com ny;
    .ldn.example.com ldn;
    ~^[^.]+\\.par\\.example\\.com$ ldn;
    ~^amps-\\d+$ ldn;
    amps.* ldn;
    off.example.com "";
    var.example.com $elsewhere;
  }
  map $remote_addr $other { default x; }
  server { listen 127.0.0.1:9443; ssl_preread on; proxy_pass $where; }
  server { listen 127.0.0.1:9444; proxy_pass $where; }
  server { listen 127.0.0.1:9445 ssl; ssl_certificate c; ssl_certificate_key k; ssl_preread on; proxy_pass $where; }
}`;

test("an nginx.conf with ssl_preread and a map", () => {
  const { additions, told } = read(nginxSource, nginx);
  const config = taken(additions);
  expect(shortly(config)).toEqual([
    "127.0.0.1:9443 amps-ny.example.com *.ny.example.com → ny-1 amps true",
    "127.0.0.1:9443 ldn.example.com *.ldn.example.com *.par.example.com → ldn-1 websocket true",
    "127.0.0.1:9443 others → rest-1 amps true",
  ]);
  expect(config.backends.map(({ amps, websocket }) => amps ?? websocket)).toEqual([
    "tcps://ny-1:9007",
    "wss://ldn-1:9008",
    "tcps://rest-1:9007",
  ]);
  expect(additions.routes.map(({ note }) => note)).toEqual([
    expect.stringMatching(/^\*\.ny\.example\.com takes names of any depth in the file, and one label here\./),
    expect.stringMatching(/^\*\.ldn\.example\.com takes names of any depth/),
    expect.not.stringMatching(/depth/),
  ]);
  expect(told).toHaveLength(6);
  expect(told).toEqual(
    expect.arrayContaining([
      "line 12: map: is no server name, nor a wildcard of one label.",
      "line 13: map: is no server name, nor a wildcard of one label.",
      "line 15: map: leads where a variable says.",
      "line 19: proxy_pass: leads where a variable says.",
      "line 20: listen: server names are asked for behind TLS of its own.",
      expect.stringMatching(/^line 17: map: left out/),
    ]),
  );
});

const haproxy = `
frontend tls
  bind 127.0.0.1:9443
  mode tcp
  tcp-request inspect-delay 5s
  tcp-request content accept if { req_ssl_hello_type 1 }
  acl is_ny req_ssl_sni -i amps-ny.example.com
  acl is_ny req.ssl_sni -m end .ny.example.com
  acl inside src 10.0.0.0/8
  use_backend ny if is_ny
  use_backend ldn if { req.ssl_hello_type 1 } { req.ssl_sni -m str -i amps-ldn.example.com ldn }
  use_backend ldn if { req.ssl_sni -m reg -i '^[^.]+\\.ldn\\.example\\.com$' }
  use_backend ldn if { req.ssl_sni -m beg amps }
  use_backend ldn if is_ny inside
  use_backend nobody if { req.ssl_sni off.example.com }
  default_backend rest
backend ny
  mode tcp
  server ny-1 ny-1:9007
backend ldn
  mode tcp
  server ldn-1 ldn-1:9008
backend rest
  mode tcp
  server rest-1 rest-1:9007`;

test("an haproxy.cfg with req.ssl_sni", () => {
  const { additions, told } = read(haproxySource, haproxy);
  expect(shortly(taken(additions))).toEqual([
    "127.0.0.1:9443 amps-ny.example.com *.ny.example.com → ny-1 amps true",
    "127.0.0.1:9443 amps-ldn.example.com ldn *.ldn.example.com → ldn-1 websocket true",
    "127.0.0.1:9443 others → rest-1 amps true",
  ]);
  expect(told).toEqual(
    expect.arrayContaining([
      "line 13: use_backend: asks for more than a server name.",
      "line 14: use_backend: asks for more than a server name.",
      "line 15: use_backend: leads to no server that Shunt could use.",
    ]),
  );
});

test("routes that are there already share the address, but no name", () => {
  const config: ShuntConfig = {
    ...emptyConfig,
    backends: [{ id: "there", amps: "tcps://there:9007" }],
    routes: [
      {
        id: "there",
        listen: "127.0.0.1:9443",
        transport: "amps",
        target: "there",
        tlsPassthrough: true,
        serverNames: ["ldn"],
      },
    ],
  };
  const { additions } = read(haproxySource, haproxy);
  expect(shortly(taken(additions, config)).map((one) => one.split(" →")[0])).toEqual([
    "127.0.0.1:9443 ldn",
    "127.0.0.1:9443 amps-ny.example.com *.ny.example.com",
    "127.0.0.1:9444 amps-ldn.example.com ldn *.ldn.example.com",
    "127.0.0.1:9443 others",
  ]);
});
