/** Ranges of ports in the `listen` of an nginx.conf and the `bind` of an haproxy.cfg. */
import { expect, test } from "vitest";
import { haproxySource } from "../../app/import/haproxy/haproxy-source.ts";
import { nginxSource } from "../../app/import/nginx/nginx-source.ts";

test("an nginx.conf: a range of ports is a route for each, where it is of a hundred at most", () => {
  const conf = `stream { upstream desk { server amps-1:9007; }
    server { listen 127.0.0.1:9007-9009; proxy_pass desk; }
    server { listen 10001-10101; proxy_pass amps-1:9007; }
    server { listen 9010-9007; proxy_pass amps-1:9007; }
    server { listen 127.0.0.1:11000; listen 127.0.0.1:12001-12100; proxy_pass amps-1:9007; }
    server { listen 65530-65540; listen 127.0.0.1:5353-5360 udp; proxy_pass amps-1:9007; }
  }`;
  const tooMany = "listen: is a range; of one server 100 ports are taken over at most.";
  const unreadable = "listen: is no address with one port by number, or a range of them.";
  const ofRange = [9007, 9008, 9009].map((port) => ({
    origin: "line 2, listen 127.0.0.1:9007-9009",
    row: { id: `desk-${port}`, listen: `127.0.0.1:${port}`, transport: "amps", target: "amps-1" },
  }));
  expect(nginxSource(conf, null)).toMatchObject({
    ok: true,
    value: {
      additions: { routes: [...ofRange, { row: { listen: "127.0.0.1:11000" } }] },
      notUnderstood: [
        { where: "line 3", what: tooMany },
        { where: "line 4", what: unreadable },
        { where: "line 5", what: tooMany },
        { where: "line 6", what: unreadable },
        { where: "line 6", what: "listen: Shunt listens on TCP only." },
      ],
    },
  });
});

test("an haproxy.cfg: a range of ports is a route for each, paths included, where it is of a hundred at most", () => {
  const cfg = `defaults
  mode tcp
listen desk
  bind :9000-9002
  server amps-1 amps-1:9007
frontend web
  mode http
  bind 127.0.0.1:8080-8081,127.0.0.1:8090
  use_backend one if { path_beg /one }
backend one
  mode http
  server s amps-1:8085
listen wide
  bind 127.0.0.1:11000
  bind 127.0.0.1:12001-12100,[::1]:13000-13001 ssl crt /both.pem
  server amps-1 amps-1:9007
listen odd
  bind 9000-9003
  bind 127.0.0.1:9010-9007
  server amps-1 amps-1:9007
`;
  const unreadable = "bind: is no address with one port by number, or a range of them.";
  const tls = { certFile: "/both.pem", keyFile: "/both.pem" };
  const told = haproxySource(cfg, null);
  expect(told).toMatchObject({
    ok: true,
    value: {
      additions: {
        routes: [
          ...[9000, 9001, 9002].map((port) => ({
            origin: "line 4, bind :9000-9002",
            row: { id: `desk-${port}`, listen: `0.0.0.0:${port}`, transport: "amps", target: "amps-1" },
          })),
          { row: { id: "one-8080", listen: "127.0.0.1:8080", path: "/one" } },
          { row: { id: "one-8081", listen: "127.0.0.1:8081", path: "/one" } },
          { row: { id: "one", listen: "127.0.0.1:8090", path: "/one" } },
          { row: { id: "wide", listen: "127.0.0.1:11000" } },
          { row: { id: "wide-13000", listen: "[::1]:13000", tls } },
          { row: { id: "wide-13001", listen: "[::1]:13001", tls } },
        ],
      },
    },
  });
  const ofBinds = told.ok ? told.value.notUnderstood.filter(({ what }) => what.startsWith("bind")) : [];
  expect(ofBinds).toEqual([
    { where: "line 15", what: "bind: is a range; of one frontend 100 ports are taken over at most." },
    { where: "line 18", what: unreadable },
    { where: "line 19", what: unreadable },
  ]);
});
