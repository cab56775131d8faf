import { describe, expect, test } from "vitest";
import { readsOnly } from "../../app/http/read-only.ts";
import { targetProblem } from "../../app/http/request-target.ts";

/** Every action of AMPS's administration (amps-facts 4.5): plain GETs, all of them. */
const actions = [
  "/amps/administrator/clients/AMPS-A-tcp-1-2/disconnect",
  "/amps/administrator/transports/2/enable",
  "/amps/administrator/transports/2/disable",
  "/amps/administrator/replication/3/downgrade",
  "/amps/administrator/replication/3/upgrade",
  "/amps/administrator/queues/q-orders/enable_proxied_transfer",
  "/amps/administrator/queues/q-orders/disable_proxied_transfer",
  "/amps/administrator/sow/orders/compact",
  "/amps/administrator/transaction_log/journals/7/compress",
  "/amps/administrator/transaction_log/journals/7/archive",
  "/amps/administrator/transaction_log/journals/7/remove",
  "/amps/administrator/authorization/authentication/reset",
  "/amps/administrator/authorization/entitlement/reset",
  "/amps/administrator/diagnostics/dump",
  "/amps/administrator/diagnostics/minidump",
  "/amps/administrator/minidump",
  "/amps/administrator/actions/rotate-everything",
  "/amps/instance/replication/3/downgrade",
  "/amps/instance/replication/3/upgrade",
  "/amps/instance/replication/3/reconnect",
  "/amps/instance/clients/1/disconnect",
  "/amps/instance/transports/2/disable",
];

function escapeEvery(path: string): string {
  return path.replace(/[a-z]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

const forms: readonly (readonly [string, (path: string) => string])[] = [
  ["plain", (path) => path],
  [
    "in mixed case",
    (path) => path.replace("/amps/ad", "/AMPS/Ad").replace(/.$/, (char) => char.toUpperCase()),
  ],
  ["percent-encoded", escapeEvery],
  ["percent-encoded in its last word", (path) => path.replace(/[^/]+$/, escapeEvery)],
  ["encoded twice", (path) => escapeEvery(path).replaceAll("%", "%25")],
  ["with double slashes", (path) => path.replaceAll("/", "//")],
  ["with a slash at the end", (path) => `${path}/`],
  ["with encoded slashes", (path) => `/${path.slice(1).replaceAll("/", "%2f")}`],
  ["with backslashes", (path) => `/${path.slice(1).replaceAll("/", "\\")}`],
  ["with dot segments", (path) => path.replace("/amps/", "/amps/host/../x/.././")],
  ["with encoded dot segments", (path) => path.replace("/amps/", "/amps/host/%2e%2e/")],
  ["as .json", (path) => `${path}.json`],
  ["as .XML", (path) => `${path}.XML`],
  ["as .csv", (path) => `${path}.csv`],
  ["as .json.json", (path) => `${path}.json.json`],
  ["with a format for its last segment", (path) => `${path}/.json`],
  ["with several of them", (path) => `${path}/.json/.XML/`],
  ["as .html", (path) => `${path}.html`],
  ["with a blank at the end", (path) => `${path}%20`],
  ["with a tab in front of the last word", (path) => path.replace(/\/(?=[^/]+$)/, "/%09")],
  ["with a path parameter", (path) => `${path};x=1`],
  ["with an encoded path parameter", (path) => `${path}%3bx.json`],
  ["with an encoded question mark", (path) => `${path}%3f.json`],
  ["with an encoded number sign", (path) => `${path}%23.json`],
  ["with a NUL", (path) => `${path}%00.json`],
  ["with a byte that is no UTF-8", (path) => `${path}%ff`],
];

describe.each(actions)("%s can change something, and is refused", (action) => {
  test.each(forms)("%s", (_form, write) => {
    expect(readsOnly("GET", write(action))).toBe(false);
    expect(readsOnly("HEAD", write(action))).toBe(false);
  });
});

describe("what only reads is allowed:", () => {
  test.each([
    "/",
    "/index.html",
    "/static/app.js",
    "/images/disable.png",
    "/favicon.ico",
    "/amps",
    "/amps.json",
    "/amps.rnc",
    "/amps/",
    "/amps/host.json",
    "/amps/host/cpus.json",
    "/amps/host/memory",
    "/amps/instance.json",
    "/amps/instance/name.json",
    "/amps/instance/clients.json",
    "/amps/instance/clients/AMPS-A-tcp-1-212422.json",
    "/amps/instance/replication.json",
    "/amps/instance/replication/3/disconnect_count.csv",
    "/amps/instance/replication/3/disconnect_time.json",
    "/amps/instance/replication/3/is_connected",
    "/amps/instance/transports/2/is_enabled.json",
    "/amps/instance/queues/q-orders.json",
    "/amps/instance/sow/order%20book.json",
    "/AMPS/Instance/Statistics.JSON",
    "/amps/administrator/authorization/entitlement/transport/amps-admin/check.json",
    "/amps/administrator/authorization/entitlement/transports/amps-admin/check.json",
  ])("%s", (path) => {
    expect(readsOnly("GET", path)).toBe(true);
    expect(readsOnly("HEAD", path)).toBe(true);
  });
});

describe("everything else under the tree is refused, known or not:", () => {
  test.each([
    "/amps/administrator",
    "/amps/administrator.json",
    "/amps/administration/clients/1/disconnect",
    "/amps/unknown",
    "/amps/administrator/authorization/entitlement/transports/a/b/check.json",
    "/amps/administrator/authorization/entitlement/transports/check",
    "/amps.html",
  ])("%s", (path) => {
    expect(readsOnly("GET", path)).toBe(false);
  });

  test.each(["POST", "PUT", "DELETE", "PATCH", "TRACE", "get", ""])(
    "any path with the method %j",
    (method) => {
      expect(readsOnly(method, "/amps/instance/name.json")).toBe(false);
    },
  );
});

test("no double encoding reaches the judgement at all", () => {
  for (const action of actions)
    expect(targetProblem(escapeEvery(action).replaceAll("%", "%25"))).not.toBeNull();
});
