import { expect, test } from "vitest";
import { problemsOf } from "./documents.ts";

const backends = [
  { id: "plain", amps: "tcp://h:1", admin: "http://h:2" },
  {
    id: "secure",
    amps: "tcps://h:1",
    websocket: "wss://h:2",
    admin: "https://h:3",
    replication: "tcps://h:4",
  },
  { id: "prod", environment: "prod", admin: "https://h:3" },
];
const tls = { certFile: "c", keyFile: "k" };

function problems(route: object) {
  const pools = [{ id: "both", members: ["plain", "secure"] }];
  return problemsOf({
    version: 1,
    backends,
    pools,
    routes: [{ id: "r", listen: "9007", target: "secure", tlsPassthrough: true, ...route }],
  });
}

test.each(["amps", "websocket", "admin", "replication"])(
  "TLS to a %s endpoint may pass through",
  (transport) => {
    expect(problems({ transport })).toEqual([]);
  },
);

test.each([
  ["a path route", { path: "/x" }, /^routes\[0\]\.tlsPassthrough: only port routes/],
  ["a listener that speaks TLS itself", { transport: "amps", tls }, /^routes\[0\]\.tls: cannot go with/],
  ["client names", { transport: "amps", sticky: "client-name" }, /^routes\[0\]\.sticky: cannot go with/],
  ["a preflight", { transport: "amps", preflight: "pass" }, /^routes\[0\]\.preflight: cannot go with/],
  ["origins", { transport: "websocket", origins: ["http://a"] }, /^routes\[0\]\.origins: cannot go with/],
  [
    "an endpoint without TLS",
    { transport: "amps", target: "plain" },
    /tlsPassthrough: the amps endpoint of backend "plain" does not speak TLS/,
  ],
  [
    "a pool with a member without TLS",
    { transport: "amps", target: "both" },
    /backend "plain" does not speak TLS/,
  ],
  ["a backend that is read-only", { transport: "admin", target: "prod" }, /backend "prod" is read-only/],
])("and not together with %s", (_what, route, message) => {
  expect(problems(route)).toEqual([expect.stringMatching(message)]);
});
