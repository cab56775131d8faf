import { describe, expect, test } from "vitest";
import { parseConfig, parseConfigText } from "../../app/config/parse-config.ts";
import { serialiseConfig } from "../../app/config/config-file.ts";
import {
  asLine,
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
      /^routes\[1\]\.listen: 127\.0\.0\.1:9007 is taken/,
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
      'routes[1].host: "a.localhost" is taken by routes[0] ("p") on 127.0.0.1:8080; choose another host',
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

  test.each([
    "",
    "host",
    "host:",
    ":9007",
    "0",
    "65536",
    0,
    65536,
    9007.5,
    -1,
    "127.1:9007",
    "1.2.3:9007",
    "::1:9007",
    "[::1]",
    "[::g]:1",
    "a b:1",
    "http://h:1",
    true,
    null,
    {},
  ])("the listen address %j", (listen) => {
    expect(problemsOf(withRoutes({ ...portRoute, listen }))).toEqual([
      expect.stringMatching(/^routes\[0\]\.listen: .* is not an address/),
    ]);
  });

  test.each([
    ["amps", "ws://h:1"],
    ["amps", "tcp://h"],
    ["amps", "h:1"],
    ["amps", "TCP://h:1"],
    ["amps", "tcp://user:pw@h:1"],
    ["amps", "tcp://h:1/amps/json"],
    ["websocket", "http://h:1"],
    ["admin", "ws://h:1"],
    ["admin", "http://h:1?x"],
    ["replication", "http://h:1"],
    ["admin", "constructor://h:1"],
  ])("the %s endpoint %s", (kind, url) => {
    expect(problemsOf(withBackend({ [kind]: url }))).toEqual([
      expect.stringMatching(
        new RegExp(`^backends\\[0\\]\\.${kind}: .* is not the URL of a backend's ${kind} endpoint`),
      ),
    ]);
  });

  test.each([
    "",
    "a",
    "/a/",
    "//a",
    "/a//b",
    "/a b",
    "/a%2fb",
    "/a?b",
    "/a#b",
    "/../a",
    "/a/.",
    "/a\\b",
    "/ä",
  ])("the path %j", (path) => {
    expect(problemsOf(withRoutes({ ...pathRoute, path }))).toEqual([
      expect.stringMatching(/^routes\[0\]\.path: /),
    ]);
  });

  test.each(["", "A", "-a", "a_b", "a".repeat(64), "a b", "ä", "constructor ", "__proto__"])(
    "the id %j",
    (id) => {
      expect(problemsOf(withRoutes({ ...portRoute, id }))).toEqual([
        expect.stringMatching(/^routes\[0\]\.id: .* is not an id/),
      ]);
    },
  );

  test.each([
    [2, "version: 2 is newer than this Shunt, which reads version 1; update Shunt to use this file"],
    [0, 'version: 0 is not a version this Shunt reads; write "version": 1'],
    ["1", 'version: "1" is not a version this Shunt reads; write "version": 1'],
    [undefined, 'version: nothing is not a version this Shunt reads; write "version": 1'],
  ])("the version %j", (version, expected) => {
    expect(problemsOf({ ...whole, version })).toEqual([expected]);
  });

  test.each([null, 1, "x", [], [whole]])("a document that is %j", (document) => {
    expect(problemsOf(document)).toEqual([expect.stringMatching(/^\(document\): .* is not a configuration/)]);
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

describe("keys that JavaScript objects have by nature", () => {
  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "%s is an unknown key like any other",
    (key) => {
      const text = (where: string) => where.replace("KEY", `"${key}": {"polluted": true}`);
      const places = {
        "": `{"version": 1, KEY}`,
        "routes[0].": `{"version": 1, "backends": [{"id":"a","amps":"tcp://h:1"}], "routes": [{"id":"r","listen":"1","transport":"amps","target":"a", KEY}]}`,
        "backends[0].tls.": `{"version": 1, "backends": [{"id":"a","amps":"tcp://h:1","tls":{KEY}}]}`,
      };
      for (const [path, template] of Object.entries(places)) {
        const parsed = parseConfigText(text(template), {});
        expect(parsed.ok ? [] : parsed.problems.map(asLine)).toEqual([
          `${path}${key}: is not a known key here; remove it or check its spelling`,
        ]);
      }
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    },
  );

  test.each(["__proto__", "constructor"])("%s as a weight is no member", (key) => {
    const parsed = parseConfigText(
      `{"version":1,"backends":[{"id":"a","amps":"tcp://h:1"}],"pools":[{"id":"p","members":["a"],"weights":{"${key}":1}}]}`,
      {},
    );
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.path)).toEqual([
      `pools[0].weights.${key}`,
    ]);
  });
});

describe("placeholders", () => {
  const document = withBackend({ amps: "tcp://${AMPS_HOST}:${AMPS_PORT}", note: "${AMPS_HOST}" });

  test("take the environment's values to run, and are kept to be saved", () => {
    const parsed = parseConfig(document, { AMPS_HOST: "h.example", AMPS_PORT: "9007" });
    expect(parsed.ok && parsed.value.resolved.backends[0]).toMatchObject({
      amps: "tcp://h.example:9007",
      note: "h.example",
    });
    expect(parsed.ok && parsed.value.document).toEqual(document);
  });

  test("that are not set are problems at their paths, and leave the document whole", () => {
    const parsed = parseConfig(document, { AMPS_PORT: "9007" });
    expect(parsed.ok ? [] : parsed.problems.map(asLine)).toEqual([
      "backends[0].amps: ${AMPS_HOST}: the environment variable AMPS_HOST is not set",
      "backends[0].note: ${AMPS_HOST}: the environment variable AMPS_HOST is not set",
    ]);
    expect(!parsed.ok && parsed.document).toEqual(document);
  });

  test("that are not set do not hide what is wrong with the rest", () => {
    const parsed = parseConfig({ ...(document as object), extra: 1 }, {});
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.path)).toContain("extra");
    expect(!parsed.ok && parsed.document).toBeNull();
  });

  test.each([
    ["a list", { version: 1, routes: "${X}" }],
    ["a route", { version: 1, routes: ["${X}"] }],
    ["a switch", withBackend({ drained: "${X}" })],
  ])("cannot stand for %s, set or not", (_what, bad) => {
    for (const env of [{}, { X: "true" }]) {
      const parsed = parseConfig(bad, env);
      expect(parsed).toMatchObject({ ok: false, document: null });
    }
  });

  test("are replaced once: a value that looks like a placeholder stays as it is", () => {
    const parsed = parseConfig(withBackend({ note: "${ONE}" }), { ONE: "${TWO}", TWO: "no" });
    expect(parsed.ok && parsed.value.resolved.backends[0]?.note).toBe("${TWO}");
  });

  test("do not take what every object has by nature", () => {
    expect(problemsOf(withBackend({ note: "${constructor}" }))).toEqual([
      "backends[0].note: ${constructor}: the environment variable constructor is not set",
    ]);
  });

  test("whose value does not fit are told like any other value", () => {
    expect(problemsOf(document, { AMPS_HOST: "h", AMPS_PORT: "99999" })).toEqual([
      expect.stringMatching(/^backends\[0\]\.amps: "tcp:\/\/h:99999" is not the URL/),
    ]);
  });
});

test("ten thousand path routes on one address are judged within two seconds", () => {
  const routes = Array.from({ length: 10_000 }, (_, at) => ({ ...pathRoute, id: `r${at}`, path: `/p${at}` }));
  const begun = performance.now();
  expect(problemsOf(withRoutes(...routes))).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(2_000);
});
