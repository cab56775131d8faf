import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import {
  crossSiteProblem,
  hostProblem,
  originProblem,
  type ListenerNames,
} from "../../app/http/origin-guard.ts";

const names: ListenerNames = {
  address: { host: "127.0.0.1", port: 8080 },
  secure: false,
  hosts: ["desk.example.com", "proxy.example.com:9000", "prod-1.localhost"],
  origins: ["https://app.example.com"],
};

describe("a request under the listener's own names is accepted:", () => {
  test.each([
    "127.0.0.1:8080",
    "localhost:8080",
    "LOCALHOST:8080",
    "[::1]:8080",
    "desk.example.com",
    "desk.example.com:8080",
    "Desk.Example.Com:9999",
    "proxy.example.com:9000",
    "prod-1.localhost:8080",
  ])("Host: %s", (host) => {
    expect(hostProblem(host, names)).toBeNull();
  });
});

describe("a request under any other name is refused:", () => {
  test.each([
    "127.0.0.1.evil.com:8080",
    "localhost.evil.com:8080",
    "evil.com:8080",
    "evil.com",
    "127.1:8080",
    "0x7f.1:8080",
    "0x7f000001:8080",
    "2130706433:8080",
    "0177.0.0.1:8080",
    "127.0.0.01:8080",
    "0.0.0.0:8080",
    "[::]:8080",
    "[::ffff:127.0.0.1]:8080",
    "[::ffff:7f00:1]:8080",
    "localhost.:8080",
    "127.0.0.1:8081",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:08080x",
    "127.0.0.1:808080",
    "user@127.0.0.1:8080",
    "127.0.0.1:8080@evil.com",
    "127.0.0.1:8080, evil.com",
    "127.0.0.1:8080/evil",
    "x/../127.0.0.1:8080",
    "127.0.0.1 :8080",
    "[::1:8080",
    "::1:8080",
    "proxy.example.com:8080",
    "desk.example.com.evil.com",
    "xdesk.example.com",
    "prod-2.localhost:8080",
    "",
  ])("Host: %s", (host) => {
    expect(hostProblem(host, names)?.code).toMatch(/^(FOREIGN_HOST|BAD_REQUEST)$/);
  });

  test("no Host at all", () => {
    expect(hostProblem(undefined, names)?.code).toBe("BAD_REQUEST");
  });
});

test("a listener on the port of its scheme is known without the port too", () => {
  const plain = { ...names, address: { host: "127.0.0.1", port: 80 } };
  expect(hostProblem("localhost", plain)).toBeNull();
  expect(hostProblem("localhost", { ...plain, secure: true })?.code).toBe("FOREIGN_HOST");
  const secure = { ...names, address: { host: "127.0.0.1", port: 443 }, secure: true };
  expect(hostProblem("localhost", secure)).toBeNull();
});

test("a listener on another address is known by that address", () => {
  const lan = { ...names, address: { host: "192.0.2.7", port: 8080 } };
  expect(hostProblem("192.0.2.7:8080", lan)).toBeNull();
  expect(hostProblem("192.0.2.8:8080", lan)?.code).toBe("FOREIGN_HOST");
});

test("a listener on every interface is known by this machine's addresses, and by no other", () => {
  const every = { ...names, address: { host: "0.0.0.0", port: 8080 } };
  expect(hostProblem("127.0.0.1:8080", every)).toBeNull();
  expect(hostProblem("192.0.2.7:8080", every)?.code).toBe("FOREIGN_HOST");
  expect(hostProblem("evil.com:8080", every)?.code).toBe("FOREIGN_HOST");
});

const outward = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find((one) => one.family === "IPv4" && !one.internal)?.address;

// A machine without a network has no address to show it with.
test.skipIf(outward === undefined)(
  "only a listener on every interface is known by this machine's outward address",
  () => {
    expect(hostProblem(`${outward}:8080`, { ...names, address: { host: "0.0.0.0", port: 8080 } })).toBeNull();
    expect(hostProblem(`${outward}:8080`, names)?.code).toBe("FOREIGN_HOST");
  },
);

describe("a browser's origin is accepted:", () => {
  test.each([
    undefined,
    "http://127.0.0.1:8080",
    "http://localhost:3000",
    "https://localhost",
    "http://[::1]:5173",
    "https://app.example.com",
    "http://desk.example.com",
    "http://proxy.example.com:9000",
    "http://prod-1.localhost:8080",
  ])("%s", (origin) => {
    expect(originProblem(origin, names)).toBeNull();
  });
});

describe("a browser's origin is refused:", () => {
  test.each([
    "null",
    "",
    "http://evil.com",
    "https://evil.com:8080",
    "http://127.0.0.1.evil.com",
    "http://localhost.evil.com",
    "http://127.1",
    "http://2130706433",
    "http://app.example.com",
    "https://app.example.com.evil.com",
    "https://app.example.com:444",
    "https://proxy.example.com",
    "http://192.0.2.7:8080",
    "file://",
    "chrome-extension://abcdef",
    "ftp://localhost",
    "http://localhost/",
    "http://localhost:3000/x",
    "http://user@localhost:3000",
    "//localhost",
  ])("%s", (origin) => {
    expect(originProblem(origin, names)?.code).toBe("FOREIGN_ORIGIN");
  });
});

describe("what another site causes", () => {
  type Row = readonly [
    what: string,
    headers: { origin?: string; fetchSite?: string; fetchMode?: string },
    harmless: boolean,
    accepted: boolean,
  ];
  test.each<Row>([
    ["a native client's reading", {}, true, true],
    ["a native client's action", {}, false, true],
    ["an address typed in", { fetchSite: "none", fetchMode: "navigate" }, false, true],
    ["a page of its own, reading", { fetchSite: "same-origin", fetchMode: "cors" }, true, true],
    ["a page of its own, acting", { fetchSite: "same-origin", fetchMode: "cors" }, false, true],
    [
      "a link on a foreign page to what only reads",
      { fetchSite: "cross-site", fetchMode: "navigate" },
      true,
      true,
    ],
    [
      "a link on a foreign page to an action",
      { fetchSite: "cross-site", fetchMode: "navigate" },
      false,
      false,
    ],
    ["a foreign page's image of an action", { fetchSite: "cross-site", fetchMode: "no-cors" }, false, false],
    ["a foreign page's script reading", { fetchSite: "cross-site", fetchMode: "no-cors" }, true, false],
    [
      "a foreign page's fetch",
      { origin: "http://evil.com", fetchSite: "cross-site", fetchMode: "cors" },
      true,
      false,
    ],
    ["a foreign page's fetch in an old browser", { origin: "http://evil.com" }, true, false],
    [
      "a listed origin's fetch",
      { origin: "https://app.example.com", fetchSite: "cross-site", fetchMode: "cors" },
      true,
      true,
    ],
    [
      "a sandboxed frame's fetch",
      { origin: "null", fetchSite: "cross-site", fetchMode: "cors" },
      true,
      false,
    ],
  ])("%s: harmless %s, accepted %s", (_what, { origin, fetchSite, fetchMode }, harmless, accepted) => {
    const headers = { host: "127.0.0.1:8080", origin, fetchSite, fetchMode };
    expect(crossSiteProblem(headers, names, harmless)?.code ?? null).toBe(accepted ? null : "FOREIGN_ORIGIN");
  });
});

test("a page under a route's own .localhost name may ask the route on another port, and no other name may", () => {
  const names: ListenerNames = {
    address: { host: "127.0.0.1", port: 9008 },
    secure: false,
    hosts: ["prod-1.localhost:9008", "prod.example:9008"],
    origins: [],
  };
  expect(originProblem("http://prod-1.localhost:8080", names)).toBeNull();
  for (const origin of [
    "http://prod-2.localhost:8080",
    "http://prod.example:8080",
    "http://x.prod-1.localhost:8080",
  ])
    expect(originProblem(origin, names)?.code).toBe("FOREIGN_ORIGIN");
});
