import { expect, test } from "vitest";
import { available } from "../support/available.ts";
import { exportedText, judgeNginx } from "./exported.ts";

const document = {
  backends: [
    {
      id: "one",
      environment: "prod",
      note: "first\n}; evil on; # \u2028 server {",
      amps: "tcp://127.0.0.1:9307",
      websocket: "ws://127.0.0.1:9308",
      admin: "http://127.0.0.1:8385",
      replication: "tcp://127.0.0.1:10004",
    },
    {
      id: "two",
      amps: "tcps://127.0.0.2:9307",
      admin: "https://127.0.0.2:8385",
      tls: { caFile: "/etc/ssl/certs/ca-certificates.crt", serverName: "two.example.com" },
    },
  ],
  pools: [{ id: "both", members: ["one", "two"], balance: "round-robin" }],
  routes: [
    { id: "in", listen: "127.0.0.1:9907", transport: "amps", target: "one" },
    { id: "peer", listen: "[::1]:9909", transport: "replication", target: "one" },
    { id: "ws", listen: "127.0.0.1:9910", transport: "websocket", target: "one" },
    { id: "web", listen: "127.0.0.1:9911", transport: "admin", target: "two" },
    { id: "views", listen: "127.0.0.1:9917", transport: "amps", target: "both", clients: "subscribers" },
    { id: "p1", listen: "127.0.0.1:8980", path: "/one", target: "one", hosts: ["desk.example.com"] },
    { id: "p2", listen: "127.0.0.1:8980", path: "/two/a$b;c'd", target: "two" },
    { id: "h1", listen: "127.0.0.1:8980", host: "one.localhost", target: "one" },
  ],
};

test.skipIf(!available.nginxStream)("NGINX takes an export of every kind of route", () => {
  const text = exportedText(document, { format: "nginx", annotate: true });
  expect(judgeNginx(text)).toMatchObject({ ok: true });
  for (const line of text.split("\n").filter((one) => one.includes("listen ")))
    expect(line).toMatch(/listen (127\.0\.0\.1|\[::1\]):\d+/);
});
