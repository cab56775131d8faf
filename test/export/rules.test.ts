/** What engines are told about names, origins and reading paths is never looser than what Shunt itself does. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { badRequestLines, hostPatterns, originPatterns } from "../../app/export/plan/own-names.ts";
import { pathRules, rulesAllow } from "../../app/export/read-only-rules.ts";
import { hostProblem, originProblem, type ListenerNames } from "../../app/http/origin-guard.ts";
import { readsOnly } from "../../app/http/read-only.ts";
import { targetProblem } from "../../app/http/request-target.ts";

const words = [
  "amps",
  "AMPS",
  "amps.json",
  "administrator",
  "instance",
  "host",
  "clients",
  "1",
  "replication",
  "downgrade",
  "Upgrade",
  "disconnect",
  "minidump",
  "authorization",
  "entitlement",
  "transport",
  "transports",
  "check",
  "check.json",
  "reset.xml",
  "index.html",
  "js",
  "a%20b",
  "%61mps",
  "",
  ".",
  "..",
  ";x",
  "amps;x",
  "disconnect.html",
  "reset!",
  "config.xml",
  "amps-admin",
];
const path = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((parts) => `/${parts.join("/")}`);

test("a request that the rules let through is one that Shunt lets through", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("GET", "HEAD", "OPTIONS", "POST", "DELETE"),
      fc.oneof(
        path,
        fc.string().map((text) => `/amps/${text}`),
      ),
      (method, target) => {
        fc.pre(targetProblem(target) === null);
        if (rulesAllow(method, target)) expect(readsOnly(method, target), `${method} ${target}`).toBe(true);
      },
    ),
    { numRuns: 5_000 },
  );
});

test.each([
  "/",
  "/index.html",
  "/js/app.js",
  "/amps",
  "/amps.json",
  "/amps/",
  "/amps/host/cpus.json",
  "/amps/instance",
  "/amps/instance/clients/7.xml",
  "/amps/administrator/authorization/entitlement/transport/amps-admin/check.json",
])("%s is a page that only reads", (target) => expect(rulesAllow("GET", target)).toBe(true));

test("no rule needs a lookahead, which Envoy's RE2 does not have", () => {
  for (const { pattern } of pathRules) expect(pattern).not.toContain("(?");
  for (const pattern of badRequestLines) expect(pattern).not.toContain("(?");
});

test("a target that Shunt refuses is refused by the request-line rules, and no other", () => {
  const piece = fc.constantFrom(
    "a",
    "/",
    "//",
    "..",
    ".",
    "%2e",
    "%2F",
    "%41",
    "%",
    "\\",
    ";",
    "?",
    "#",
    "b c",
    "é",
    "%0a",
    "x",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (parts) => {
      const target = `/${parts.join("")}`;
      const line = `GET ${target} HTTP/1.1`;
      const isRefused = badRequestLines.some((pattern) => new RegExp(pattern).test(line));
      // A blank ends the target for every server: such a line has four words, and no engine takes it.
      if (!target.includes(" ")) expect(isRefused, line).toBe(targetProblem(target) !== null);
    }),
    { numRuns: 5_000 },
  );
});

const listener: ListenerNames = {
  address: { host: "127.0.0.1", port: 8080 },
  secure: false,
  hosts: ["desk.example.com", "other.example.com:8080", "web.localhost:8080", "[fd00::1]:80"],
  origins: ["https://app.example.com"],
};
const name = fc.constantFrom(
  "127.0.0.1",
  "127.9.9.9",
  "127.1",
  "localhost",
  "LOCALHOST",
  "[::1]",
  "desk.example.com",
  "xdesk.example.com",
  "other.example.com",
  "web.localhost",
  "evil.com",
  "[fd00::1]",
  "app.example.com",
  "128.0.0.1",
  "localhost.evil.com",
);
const port = fc.constantFrom("", ":80", ":8080", ":443", ":1", ":99999");

test("a Host line is accepted by the patterns exactly where Shunt accepts it", () => {
  const patterns = hostPatterns(listener).map((pattern) => new RegExp(pattern, "i"));
  fc.assert(
    fc.property(name, port, (host, suffix) => {
      const header = `${host}${suffix}`;
      expect(
        patterns.some((one) => one.test(header)),
        header,
      ).toBe(hostProblem(header, listener) === null);
    }),
    { numRuns: 500 },
  );
});

test("an Origin that the patterns accept is one that Shunt accepts", () => {
  const patterns = originPatterns(listener).map((pattern) => new RegExp(pattern));
  fc.assert(
    fc.property(
      fc.constantFrom("http://", "https://", "null", "ftp://"),
      name,
      port,
      (scheme, host, suffix) => {
        const origin = scheme === "null" ? scheme : `${scheme}${host}${suffix}`;
        const isAccepted = patterns.some((one) => one.test(origin));
        if (isAccepted) expect(originProblem(origin, listener), origin).toBeNull();
        if (host === host.toLowerCase() && originProblem(origin, listener) === null)
          expect(isAccepted, origin).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
});
