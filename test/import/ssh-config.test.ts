/** LocalForward lines as tunnels, backends and routes. */
import { describe, expect, test } from "vitest";
import { emptyConfig } from "../../app/config/empty-config.ts";
import { parseConfig } from "../../app/config/parse-config.ts";
import { planImport } from "../../app/import/plan-import.ts";
import { parseLocalForward } from "../../app/import/ssh-forward.ts";
import { sshConfigSource } from "../../app/import/ssh-config-source.ts";
import { withItems } from "../../app/import/with-items.ts";

const desk = `
Host *
  ServerAliveInterval 30
Host prod-bastion
  HostName jump.example.com
  Port 2222
  User ops
  IdentityFile ~/.ssh/prod
  LocalForward 9007 amps-prod-1.internal:9007
  LocalForward localhost:9008 amps-prod-1.internal:9008
  LocalForward [::1]:18085 amps-prod-1.internal:8085
  LocalForward 0.0.0.0:10004 [2001:db8::7]:10004
  LocalForward 15432 db:5432
`;

function read(text: string, own = false) {
  const reply = sshConfigSource(text, { own });
  if (!reply.ok) throw new Error(reply.failure.message);
  return reply.value;
}

/** The document that taking everything would give. */
function documentOf(text: string, own = false) {
  const { additions } = read(text, own);
  const config = withItems(
    emptyConfig,
    planImport(additions, { config: emptyConfig, resolved: emptyConfig }),
  );
  expect(parseConfig(config, {})).toMatchObject({ ok: true });
  return config;
}

test("a host's forwards become one tunnel, a backend for each far host, and a route for each line", () => {
  const { tunnels, backends, routes } = documentOf(desk);
  expect(tunnels).toEqual([
    {
      id: "prod-bastion",
      type: "ssh",
      address: "jump.example.com:2222",
      user: "ops",
      identityFile: "~/.ssh/prod",
    },
  ]);
  expect(backends).toEqual([
    {
      id: "amps-prod-1",
      label: "amps-prod-1.internal",
      via: "prod-bastion",
      amps: "tcp://amps-prod-1.internal:9007",
      websocket: "ws://amps-prod-1.internal:9008",
      admin: "http://amps-prod-1.internal:8085",
    },
    {
      id: "2001-db8-7",
      label: "2001:db8::7",
      via: "prod-bastion",
      replication: "tcp://[2001:db8::7]:10004",
    },
    { id: "db", label: "db", via: "prod-bastion", amps: "tcp://db:5432" },
  ]);
  expect(routes.map(({ id, listen, transport, target }) => [id, listen, transport, target])).toEqual([
    ["amps-prod-1-amps", "localhost:9007", "amps", "amps-prod-1"],
    ["amps-prod-1-websocket", "localhost:9008", "websocket", "amps-prod-1"],
    ["amps-prod-1-admin", "[::1]:18085", "admin", "amps-prod-1"],
    ["2001-db8-7-replication", "0.0.0.0:10004", "replication", "2001-db8-7"],
    ["db-amps", "localhost:15432", "amps", "db"],
  ]);
});

test("a database's port is not suggested, and an address open to others is said to be", () => {
  const { additions } = read(desk);
  expect(additions.routes.filter(({ suggested }) => suggested === false).map(({ row }) => row.id)).toEqual([
    "db-amps",
  ]);
  expect(additions.backends.filter(({ suggested }) => suggested === false).map(({ row }) => row.id)).toEqual([
    "db",
  ]);
  expect(additions.routes.find(({ row }) => row.listen.startsWith("0.0.0.0"))?.note).toMatch(
    /Others on the network/,
  );
});

test("of the file that tunnels read themselves an alias is address enough", () => {
  expect(documentOf(desk, true).tunnels).toEqual([
    { id: "prod-bastion", type: "ssh", address: "prod-bastion" },
  ]);
});

test("forwards of patterns and of Match blocks belong to the hosts that they match", () => {
  const text = `
Host gate-eu gate-us !gate-old
  User ops
Host gate-*
  LocalForward 9007 amps:9007
Match host gate-us
  LocalForward 9017 amps:9008
Match exec "true"
  LocalForward 9027 never:9007
Host lab-*
  LocalForward 9037 lab:9007
`;
  const { additions, notUnderstood } = read(text);
  expect(additions.tunnels.map(({ row }) => row.id)).toEqual(["gate-eu", "gate-us"]);
  expect(additions.routes.map(({ row }) => [row.target, row.listen])).toEqual([
    ["amps", "localhost:9007"],
    ["amps-2", "localhost:9007"],
    ["amps-2", "localhost:9017"],
  ]);
  expect(notUnderstood.map(({ where }) => where)).toEqual([
    "LocalForward 9027 never:9007",
    "LocalForward 9037 lab:9007",
  ]);
  // The second host's forward of the same port moves to the next one.
  const listens = documentOf(text).routes.map(({ listen }) => listen);
  expect(new Set(listens).size).toBe(3);
});

test("what Shunt cannot take over is said, line by line", () => {
  const { additions, notUnderstood } = read(`
Include extra/*.conf
Host gate
  HostName gate.example.com
  ProxyJump first
  ProxyCommand nc %h %p
  GatewayPorts yes
  DynamicForward 1080
  RemoteForward 9000 localhost:9000
  LocalForward /run/amps.sock amps:9007
  LocalForward 9007 /run/amps.sock
  LocalForward 9007 %h:9007
  LocalForward http amps:9007
  LocalForward 9017
  LocalForward 9027 amps:9007
`);
  expect(notUnderstood.map(({ where, what }) => `${where}: ${what}`)).toEqual([
    expect.stringMatching(/^Host gate: RemoteForward 9000/),
    expect.stringMatching(/ProxyJump first: tunnels take/),
    expect.stringMatching(/ProxyCommand: Shunt runs no command/),
    expect.stringMatching(/DynamicForward 1080: .*use the tunnel gate/),
    expect.stringMatching(/GatewayPorts/),
    expect.stringMatching(/LocalForward \/run\/amps.sock .*Unix socket/),
    expect.stringMatching(/LocalForward 9007 \/run\/amps.sock .*Unix socket/),
    expect.stringMatching(/%h:9007 has a token/),
    expect.stringMatching(/http amps:9007 does not say a port/),
    expect.stringMatching(/9017 is not written as/),
    expect.stringMatching(/^Include: extra/),
  ]);
  expect(additions.routes.map(({ row }) => row.listen)).toEqual(["localhost:9027"]);
});

test("a dynamic forward alone gives its tunnel", () => {
  const { tunnels, backends, routes } = documentOf("Host gate\n  DynamicForward 1080\n");
  expect([tunnels.length, backends.length, routes.length]).toEqual([1, 0, 0]);
});

describe("LocalForward is written in many ways", () => {
  test.each([
    ["9007 amps:9007", "", 9007, "amps", 9007],
    ["127.0.0.2:9007 amps:1", "127.0.0.2", 9007, "amps", 1],
    ["*:9007 amps:9007", "0.0.0.0", 9007, "amps", 9007],
    [":9007 amps:9007", "0.0.0.0", 9007, "amps", 9007],
    ["[::1]:9007 [2001:db8:0:0::7]:9007", "::1", 9007, "2001:db8::7", 9007],
    ["::1/9007 2001:db8::7/9008", "::1", 9007, "2001:db8::7", 9008],
    ["localhost/9007 amps/9007", "localhost", 9007, "amps", 9007],
    ['"9007" "amps:9007"', "", 9007, "amps", 9007],
  ])("%s", (text, host, port, toHost, toPort) => {
    expect(parseLocalForward(text)).toEqual({
      listen: { host, port },
      to: { host: toHost, port: toPort },
    });
  });

  test.each(["", "9007", "9007 amps", "99999 amps:9007", "9007 amps:0", "9007 a:1 b:2", "9007 ${X}:1"])(
    "and not as %j",
    (text) => expect(parseLocalForward(text)).toBeTypeOf("string"),
  );
});
