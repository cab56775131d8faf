import { describe, expect, test } from "vitest";
import { parseConfig, parseConfigText } from "../../app/config/parse-config.ts";
import { serialiseConfig } from "../../app/config/config-file.ts";
import {
  designExample,
  pathRoute,
  portRoute,
  problemsOf,
  whole,
  withBackend,
  withPool,
  withRoutes,
} from "./documents.ts";

test("the example of the design is accepted, and comes back as it was written", () => {
  const parsed = parseConfigText(designExample, {});
  expect(parsed.ok).toBe(true);
  if (!parsed.ok) return;
  expect(parsed.value.document).toEqual(JSON.parse(designExample));
  expect(parsed.value.resolved).toEqual(JSON.parse(designExample));
  const again = parseConfigText(serialiseConfig(parsed.value.document), {});
  expect(again).toEqual(parsed);
});

test("a document of a version alone is whole, with its four lists empty", () => {
  const parsed = parseConfig({ version: 1 }, {});
  expect(parsed.ok && parsed.value.document).toEqual({
    version: 1,
    tunnels: [],
    backends: [],
    pools: [],
    routes: [],
  });
});

describe("what a document may say", () => {
  test.each<readonly [string, unknown]>([
    ["the whole document", whole],
    ["a port as a number", withRoutes({ ...portRoute, listen: 9007 })],
    ["a port as text", withRoutes({ ...portRoute, listen: "9007" })],
    ["localhost", withRoutes({ ...portRoute, listen: "localhost:9007" })],
    ["an IPv6 address", withRoutes({ ...portRoute, listen: "[::1]:9007" })],
    ["every interface", withRoutes({ ...portRoute, listen: "0.0.0.0:9007" })],
    ["many path routes on one address", withRoutes(pathRoute, { ...pathRoute, id: "q", path: "/a/b" })],
    [
      "one path under two Host names",
      withRoutes({ ...pathRoute, host: "a.localhost" }, { ...pathRoute, id: "q", host: "b.localhost" }),
    ],
    [
      "a Host name without a path beside a path",
      withRoutes(pathRoute, { id: "q", listen: pathRoute.listen, host: "a.localhost", target: "a" }),
    ],
    [
      "a disabled port route on a taken address",
      withRoutes(portRoute, { ...portRoute, id: "q", enabled: false }),
    ],
    ["a disabled route first", withRoutes({ ...portRoute, enabled: false }, { ...portRoute, id: "q" })],
    ["one port on two addresses", withRoutes(portRoute, { ...portRoute, id: "q", listen: "[::1]:9007" })],
    [
      "one port on every IPv4 interface and on an IPv6 address",
      withRoutes({ ...portRoute, listen: "0.0.0.0:9007" }, { ...portRoute, id: "q", listen: "[::1]:9007" }),
    ],
    ["a route and a backend of one name", withRoutes({ ...portRoute, id: "a" })],
    ["a route to a pool", withRoutes({ ...portRoute, target: "both", clients: "subscribers" })],
    ["secure endpoints", withBackend({ amps: "tcps://h:1", websocket: "wss://h:2", admin: "https://h:3" })],
    ["an endpoint with an IPv6 address", withBackend({ amps: "tcp://[fe80::1]:9007" })],
    ["the root path", withRoutes({ ...pathRoute, path: "/" })],
    ["a path of many segments", withRoutes({ ...pathRoute, path: "/a/b-c/d_e.f~g" })],
    [
      "weights and links",
      withPool({ weights: { a: 3, b: 0 }, links: [{ from: "a", to: "b", type: "sync" }] }),
    ],
    ["notes on anything", withBackend({ note: "kept by ops" })],
    ["tags", withRoutes({ ...portRoute, tags: ["emea", "v2.1", "größe", "cost:4711"] })],
    ["tags of a backend", withBackend({ tags: [] })],
  ])("%s", (_what, document) => {
    expect(problemsOf(document)).toEqual([]);
  });
});

describe("a document is refused, and told where and why, for", () => {
  test.each<readonly [string, unknown, string | RegExp]>([
    [
      "an unknown key at the top",
      { ...whole, route: [] },
      "route: is not a known key here; remove it or check its spelling",
    ],
    [
      "an unknown key in a route",
      withRoutes(pathRoute, { ...portRoute, adress: 1 }),
      "routes[1].adress: is not a known key here; remove it or check its spelling",
    ],
    [
      "an unknown key in a backend's tls",
      withBackend({ tls: { ca: "x" } }),
      /^backends\[0\]\.tls\.ca: is not a known/,
    ],
    [
      "two routes of one id",
      withRoutes(portRoute, { ...pathRoute, id: "r" }),
      /^routes\[1\]\.id: "r" is taken by routes\[0\]/,
    ],
    [
      "a pool with the name of a backend",
      withPool({ id: "a" }),
      'pools[0].id: "a" is taken by backends[0]; choose another id; backends and pools share one name space',
    ],
    [
      "two tunnels of one id",
      { ...whole, tunnels: [...whole.tunnels, ...whole.tunnels] },
      'tunnels[1].id: "t" is taken by tunnels[0]; choose another id',
    ],
    [
      "a target that is not there",
      withRoutes({ ...portRoute, target: "c" }),
      'routes[0].target: "c" is not a backend or pool; known: a, b, both',
    ],
    [
      "a tunnel that is not there",
      withBackend({ via: "u" }),
      'backends[0].via: "u" is not a tunnel; known: t',
    ],
    [
      "a member that is not there",
      withPool({ members: ["a", "c"] }),
      'pools[0].members[1]: "c" is not a backend; known: a, b',
    ],
    ["a member named twice", withPool({ members: ["a", "a"] }), 'pools[0].members[1]: "a" is named twice'],
    [
      "a pool without members",
      withPool({ members: [] }),
      /^pools\[0\]\.members: is empty; name at least one/,
    ],
    [
      "a weight of a stranger",
      withPool({ weights: { c: 1 } }),
      'pools[0].weights.c: "c" is not a member of the pool',
    ],
    ["a weight below 0", withPool({ weights: { a: -1 } }), /^pools\[0\]\.weights\.a: -1 is too small/],
    [
      "a weight that is no whole number",
      withPool({ weights: { a: 1.5 } }),
      /^pools\[0\]\.weights\.a: 1\.5 is not/,
    ],
    [
      "a link to itself",
      withPool({ links: [{ from: "a", to: "a", type: "sync" }] }),
      "pools[0].links[0]: a link joins two different members",
    ],
    [
      "a port route on a taken address",
      withRoutes(portRoute, { ...portRoute, id: "q" }),
      'routes[1].listen: 127.0.0.1:9007 is taken: routes[0] ("r") is a port route and owns it; choose another port',
    ],
    [
      "a path route on a port route's address",
      withRoutes(portRoute, { ...pathRoute, listen: portRoute.listen }),
      'routes[1].listen: 127.0.0.1:9007 is taken: routes[0] ("r") is a port route and owns it; choose another port',
    ],
    [
      "a port route on a path route's address",
      withRoutes(pathRoute, { ...portRoute, listen: pathRoute.listen }),
      'routes[1].listen: 127.0.0.1:8080 is taken: routes[0] ("p") shares it by path; choose another port',
    ],
    [
      "an address taken by a number",
      withRoutes(portRoute, { ...portRoute, id: "q", listen: 9007 }),
      /^routes\[1\]\.listen: localhost:9007 is taken/,
    ],
    [
      "paths on one of the addresses of localhost, and on both",
      withRoutes(pathRoute, { ...pathRoute, id: "q", path: "/q", listen: "8080" }),
      'routes[1].listen: localhost:8080 overlaps 127.0.0.1:8080 of routes[0] ("p"); use the same address to share it',
    ],
    [
      "an address taken in another spelling",
      withRoutes(
        { ...portRoute, listen: "[::1]:9007" },
        { ...portRoute, id: "q", listen: "[0:0:0:0:0:0:0:1]:9007" },
      ),
      /^routes\[1\]\.listen: \[::1\]:9007 is taken/,
    ],
    [
      "an address under every interface",
      withRoutes(portRoute, { ...portRoute, id: "q", listen: "0.0.0.0:9007" }),
      /^routes\[1\]\.listen: 0\.0\.0\.0:9007 is taken: routes\[0\]/,
    ],
    [
      "path routes on overlapping addresses",
      withRoutes(pathRoute, { ...pathRoute, id: "q", path: "/b", listen: "[::]:8080" }),
      /^routes\[1\]\.listen: \[::\]:8080 overlaps 127\.0\.0\.1:8080 of routes\[0\] \("p"\)/,
    ],
    [
      "one path twice on one address",
      withRoutes(pathRoute, { ...pathRoute, id: "q" }),
      'routes[1].path: "/a" is taken by routes[0] ("p") on 127.0.0.1:8080; choose another path',
    ],
    [
      "one Host name twice on one address",
      withRoutes(
        { id: "p", listen: "8080", host: "a.localhost", target: "a" },
        { id: "q", listen: "8080", host: "a.localhost", target: "b" },
      ),
      'routes[1].host: "a.localhost" is taken by routes[0] ("p") on localhost:8080; choose another host',
    ],
    [
      "two certificates on one address",
      withRoutes(pathRoute, { ...pathRoute, id: "q", path: "/b", tls: { certFile: "c", keyFile: "k" } }),
      /^routes\[1\]\.tls: differs from routes\[0\]/,
    ],
    [
      "both transport and path",
      withRoutes({ ...portRoute, path: "/a" }),
      /^routes\[0\]\.transport: a route has either/,
    ],
    [
      "neither transport nor path",
      withRoutes({ id: "r", listen: "1", target: "a" }),
      /^routes\[0\]: "r" needs transport/,
    ],
    [
      "a transport the backend lacks",
      withRoutes({ ...portRoute, transport: "replication" }),
      'routes[0].transport: backend "a" has no replication endpoint',
    ],
    [
      "a backend without endpoints",
      { ...whole, backends: [{ id: "a" }], pools: [], routes: [] },
      /^backends\[0\]: "a" has no endpoint/,
    ],
    [
      "half a client certificate",
      withBackend({ tls: { clientCertFile: "c" } }),
      /^backends\[0\]\.tls: a client certificate needs both/,
    ],
    [
      "keepPrefix without a path",
      withRoutes({ ...portRoute, keepPrefix: true }),
      /^routes\[0\]\.keepPrefix: only a route with a path/,
    ],
    [
      "origins on raw bytes",
      withRoutes({ ...portRoute, origins: ["http://x"] }),
      /^routes\[0\]\.origins: only routes that carry HTTP/,
    ],
    [
      "preflight on an admin port",
      withRoutes({ ...portRoute, transport: "admin", preflight: "pass" }),
      /^routes\[0\]\.preflight: only/,
    ],
    ["a list that is none", { ...whole, routes: {} }, "routes: {} is not an array"],
    [
      "a missing target",
      withRoutes({ id: "r", listen: "1", transport: "amps" }),
      "routes[0].target: is missing; expected a string",
    ],
    [
      "a kind of tunnel that is none",
      { ...whole, tunnels: [{ id: "t", type: "vpn", address: "a:1" }] },
      /^tunnels\[0\]\.type: "vpn" is not a kind of tunnel/,
    ],
    [
      "an SSH key on a SOCKS tunnel",
      { ...whole, tunnels: [{ ...whole.tunnels[0], identityFile: "x" }] },
      /^tunnels\[0\]\.identityFile: is not a known key/,
    ],
  ])("%s", (_what, document, expected) => {
    const problems = problemsOf(document);
    expect(problems).toContainEqual(
      typeof expected === "string" ? expected : expect.stringMatching(expected),
    );
  });
});

test("every problem of a document is told at once", () => {
  const problems = problemsOf({
    ...whole,
    extra: 1,
    backends: [{ id: "A", amps: "x" }],
    routes: [{ ...portRoute, listen: "no" }],
  });
  expect(problems.map((line) => line.split(": ")[0]).sort()).toEqual([
    "backends[0].amps",
    "backends[0].id",
    "extra",
    "routes[0].listen",
  ]);
});

test("ten thousand path routes on one address are judged within two seconds", () => {
  const routes = Array.from({ length: 10_000 }, (_, at) => ({ ...pathRoute, id: `r${at}`, path: `/p${at}` }));
  const begun = performance.now();
  expect(problemsOf(withRoutes(...routes))).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(2_000);
});
