/** What the UI in a browser says of a backend's Galvanometer: pure. */
import { expect, test } from "vitest";
import type { BackendConfig, RouteConfig, ShuntConfig } from "../../app/contract/config.ts";
import { browserLimits, servedPages } from "../../app/galvanometer/browser-ways.ts";

const backend: BackendConfig = { id: "prod-1", admin: "http://prod-1:8085", websocket: "ws://prod-1:9008" };
const config = (...routes: RouteConfig[]): ShuntConfig => ({
  version: 1,
  tunnels: [],
  backends: [backend, { id: "prod-2", admin: "http://prod-2:8085" }],
  pools: [],
  routes,
});
const path: RouteConfig = { id: "p1", listen: "8080", path: "/prod-1", target: "prod-1" };
const host: RouteConfig = { id: "h1", listen: "8080", host: "prod-1.localhost", target: "prod-1" };

test("lists the pages of running routes, those with a working SQL page first", () => {
  const sql: RouteConfig = { id: "sql", listen: "9008", host: "prod-1.localhost", target: "prod-1" };
  const other: RouteConfig = { id: "x", listen: "8080", path: "/x", target: "prod-2" };
  const off: RouteConfig = {
    id: "off",
    listen: "8085",
    transport: "admin",
    target: "prod-1",
    enabled: false,
  };
  const pages = servedPages(config(path, host, sql, other, off), backend);
  expect(pages.map(({ url, sql: works }) => [url, works])).toEqual([
    ["http://prod-1.localhost:8080/", true],
    ["http://prod-1.localhost:9008/", true],
    ["http://localhost:8080/prod-1/", false],
  ]);
});

test("a page whose TLS goes through by server name is found under that name", () => {
  const named: RouteConfig = {
    id: "n",
    listen: "9443",
    transport: "admin",
    target: "prod-1",
    tlsPassthrough: true,
    serverNames: ["*.example.com", "prod-1.example.com"],
  };
  expect(servedPages(config(named), backend).map(({ url }) => url)).toEqual([
    "https://prod-1.example.com:9443/",
  ]);
});

test("names the element, the instance and the very address for what does not work", () => {
  const peer: RouteConfig = { id: "m2", listen: "8185", transport: "admin", target: "prod-2" };
  const [replication, sql] = browserLimits(config(path, peer), backend);
  expect(replication?.where).toContain("In the AMPS configuration of prod-2");
  expect(replication?.fragment).toContain("<ExternalInetAddr>localhost:8185</ExternalInetAddr>");
  expect(sql?.why).toContain("9008");
  expect(sql?.fragment).toContain("<SQLTransportInetAddr>localhost:8080/prod-1</SQLTransportInetAddr>");
});

test("says nothing against the SQL page where it works", () => {
  const sql: RouteConfig = { id: "sql", listen: "9008", transport: "websocket", target: "prod-1" };
  expect(browserLimits(config(path, sql), backend).map((limit) => limit.what)).toEqual([
    "The replication view stays incomplete",
  ]);
});
