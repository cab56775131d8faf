import { expect, test } from "vitest";
import { problemsOf } from "./documents.ts";

const backends = [
  { id: "a", amps: "tcps://h:1", websocket: "wss://h:2" },
  { id: "plain", amps: "tcp://h:1", admin: "http://h:3" },
];

function problems(...routes: readonly object[]) {
  return problemsOf({
    version: 1,
    backends,
    routes: routes.map((route, at) => ({
      id: `r${at}`,
      listen: "127.0.0.1:9443",
      target: "a",
      transport: "amps",
      tlsPassthrough: true,
      ...route,
    })),
  });
}

test("routes with names of their own share an address, with one that has none, whatever their transport", () => {
  const [ny, ldn] = [{ serverNames: ["amps-ny.example.com", "*.ny.example.com"] }, { serverNames: ["ldn"] }];
  expect(problems(ny, { ...ldn, transport: "websocket" }, {})).toEqual([]);
  expect(problems({}, ny, ldn)).toEqual([]);
});

test("of two with the same name, one is stopped", () => {
  const same = { serverNames: ["x", "amps-ny.example.com"] };
  expect(problems(same, { ...same, enabled: false })).toEqual([]);
  expect(problems(same, { serverNames: ["amps-ny.example.com"] })).toEqual([
    'routes[1].serverNames[0]: "amps-ny.example.com" is taken by routes[0] ("r0") on 127.0.0.1:9443; choose another name',
  ]);
});

test.each([
  [
    "a second one without names",
    [{ serverNames: ["a"] }, {}, {}],
    /^routes\[2\]\.listen: .* routes\[1\] \("r1"\) takes every client there; give one of the two serverNames/,
  ],
  [
    "another overlapping address",
    [{ serverNames: ["a"] }, { serverNames: ["b"], listen: "0.0.0.0:9443" }],
    /^routes\[1\]\.listen: 0\.0\.0\.0:9443 overlaps 127\.0\.0\.1:9443 of .*; use the same address/,
  ],
  [
    "a plain port route",
    [{ serverNames: ["a"] }, { tlsPassthrough: false, target: "plain" }],
    /^routes\[1\]\.listen: .* is taken: routes\[0\] \("r0"\) shares it by server name/,
  ],
  [
    "a path route",
    [{ serverNames: ["a"] }, { tlsPassthrough: undefined, transport: undefined, path: "/x" }],
    /^routes\[1\]\.listen: .* is taken: routes\[0\] \("r0"\) shares it by server name/,
  ],
  [
    "a plain port route that was there first",
    [{ tlsPassthrough: false, target: "plain" }, { serverNames: ["a"] }],
    /^routes\[1\]\.listen: .* is a port route and owns it/,
  ],
  [
    "a name twice in one route",
    [{ serverNames: ["a", "b", "a"] }],
    /^routes\[0\]\.serverNames\[2\]: "a" is named twice/,
  ],
  [
    "no pass-through",
    [{ serverNames: ["a"], tlsPassthrough: false }],
    /^routes\[0\]\.serverNames: need tlsPassthrough/,
  ],
  ["a list of none", [{ serverNames: [] }], /^routes\[0\]\.serverNames.*names nobody/],
])("but not together with %s", (_what, routes, message) => {
  expect(problems(...(routes as object[]))).toEqual([expect.stringMatching(message)]);
});

test.each([
  "Amps-NY.example.com",
  "amps-ny.example.com.",
  "10.0.0.1",
  "::1",
  "*",
  "*.*.example.com",
  "amps-*.example.com",
  "a.*.example.com",
  "a..b",
  "-a.example.com",
  "amps ny",
  "amps;ny",
  `${"a".repeat(64)}.example.com`,
  `${"abcdefg.".repeat(32)}com`,
  "bücher.example",
])("%s is no server name", (name) => {
  expect(problems({ serverNames: [name] })).toEqual([expect.stringMatching(/serverNames\[0\].*server name/)]);
});

test.each([
  "localhost",
  "a.b",
  "*.example.com",
  "xn--bcher-kva.example",
  "amps_1.ny.example.com",
  "4.example",
])("%s is one", (name) => {
  expect(problems({ serverNames: [name] })).toEqual([]);
});
