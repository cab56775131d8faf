/** An AMPS configuration as backends and suggested routes, with no credential in sight. */
import { describe, expect, test } from "vitest";
import { emptyConfig } from "../../app/config/empty-config.ts";
import { parseConfig } from "../../app/config/parse-config.ts";
import { ampsConfigSource, type AmpsConfigOptions } from "../../app/import/amps-config-source.ts";
import { longestImportBytes } from "../../app/import/import-source.ts";
import { planImport } from "../../app/import/plan-import.ts";
import { withItems } from "../../app/import/with-items.ts";
import { plainSecretOf } from "../support/suite-secrets.ts";

const canary = plainSecretOf("imported password");

const whole = `<?xml version="1.0"?>
<!-- ${canary} -->
<AMPSConfig>
  <Name>PROD_amps 1</Name>
  <Group>london</Group>
  <Authentication><Module>ldap</Module><Options><BindPassword>${canary}</BindPassword></Options></Authentication>
  <Admin>
    <InetAddr>8085</InetAddr>
    <Certificate>/etc/amps/c.pem</Certificate><PrivateKey>/etc/amps/${canary}.pem</PrivateKey>
    <SQLTransport>any-ws</SQLTransport>
  </Admin>
  <Protocols>
    <Protocol><Name>ws-basic</Name><Module>websocket</Module><WWWAuthenticate>Basic realm="x"</WWWAuthenticate></Protocol>
  </Protocols>
  <Transports>
    <Transport><Name>off</Name><Type>tcp</Type><InetAddr>9006</InetAddr><Protocol>amps</Protocol><InitialState>disabled</InitialState></Transport>
    <Transport><Name>any-tcp</Name><Type>tcp</Type><InetAddr>0.0.0.0:9007</InetAddr><MessageType>json</MessageType><Protocol>amps</Protocol></Transport>
    <Transport><Name>any-ws</Name><Type>tcps</Type><InetAddr>[::]:9008</InetAddr><Protocol>ws-basic</Protocol></Transport>
    <Transport><Name>nvfix</Name><Type>tcp</Type><InetAddr>10.1.2.3:9010</InetAddr><Protocol>nvfix</Protocol></Transport>
    <Transport><Name>mutual</Name><Type>tcp</Type><InetAddr>9011</InetAddr><Certificate>c</Certificate><PrivateKey>k</PrivateKey><VerifyClient>true</VerifyClient></Transport>
    <Transport><Name>unix</Name><Type>amps-unix</Type><FileName>/run/amps.sock</FileName></Transport>
    <Transport><Name>env</Name><Type>tcp</Type><InetAddr>\${AMPS_PORT}</InetAddr></Transport>
    <Transport><Name>local</Name><Type>tcp</Type><InetAddr>127.0.0.1:9012</InetAddr></Transport>
    <Transport><Name>odd</Name><Type>tcp</Type><InetAddr>user:${canary}@host:1</InetAddr></Transport>
    <Transport><Name>repl-in</Name><Type>amps-replication-secure</Type><InetAddr>10004</InetAddr></Transport>
  </Transports>
  <Replication>
    <Destination>
      <Name>PROD_amps 2</Name><SyncType>sync</SyncType>
      <Transport>
        <Name>amps-replication</Name><Type>amps-replication</Type>
        <InetAddr>amps-2.internal:10004</InetAddr><InetAddr>amps-2b.internal:10004</InetAddr>
        <Authenticator><Options><Password>${canary}</Password></Options></Authenticator>
      </Transport>
    </Destination>
    <Destination><Name>\${PEER}</Name><Transport><Type>amps-replication-secure</Type><InetAddr>dr.example.com:10005</InetAddr></Transport></Destination>
    <Destination><Name>lost</Name><Transport><Type>amps-replication</Type></Transport></Destination>
  </Replication>
</AMPSConfig>`;

const from: AmpsConfigOptions = { host: "amps-1.internal", via: null };

function read(text: string, options: AmpsConfigOptions = from) {
  const reply = ampsConfigSource(text, options);
  if (!reply.ok) throw new Error(reply.failure.message);
  return reply.value;
}

test("transports, admin and destinations become backends", () => {
  const { additions } = read(whole);
  expect(additions.backends.map(({ row }) => row)).toEqual([
    {
      id: "prod-amps-1",
      amps: "tcp://amps-1.internal:9007",
      websocket: "wss://amps-1.internal:9008",
      admin: "https://amps-1.internal:8085",
      replication: "tcps://amps-1.internal:10004",
      instanceName: "PROD_amps 1",
    },
    { id: "prod-amps-1-nvfix", amps: "tcp://10.1.2.3:9010" },
    { id: "prod-amps-1-mutual", amps: "tcps://amps-1.internal:9011" },
    { id: "prod-amps-1-off", amps: "tcp://amps-1.internal:9006" },
    { id: "prod-amps-1-local", amps: "tcp://127.0.0.1:9012" },
    { id: "prod-amps-2", replication: "tcp://amps-2.internal:10004", instanceName: "PROD_amps 2" },
    { id: "prod-amps-2-2", replication: "tcp://amps-2b.internal:10004" },
    { id: "dr-example-com", replication: "tcps://dr.example.com:10005", instanceName: "dr.example.com" },
  ]);
});

test("routes are suggested: a path for the instance, a port for its clients, TLS passed through where it is mutual", () => {
  const { additions } = read(whole);
  expect(additions.routes.filter(({ suggested }) => suggested !== false).map(({ row }) => row)).toEqual([
    { id: "prod-amps-1", listen: "127.0.0.1:8080", path: "/prod-amps-1", target: "prod-amps-1" },
    { id: "prod-amps-1-amps", listen: "127.0.0.1:9007", transport: "amps", target: "prod-amps-1" },
    { id: "prod-amps-1-nvfix", listen: "127.0.0.1:9010", transport: "amps", target: "prod-amps-1-nvfix" },
    {
      id: "prod-amps-1-mutual",
      listen: "127.0.0.1:9011",
      transport: "amps",
      target: "prod-amps-1-mutual",
      tlsPassthrough: true,
    },
  ]);
  const notes = additions.backends.map(({ row, note, suggested }) => [row.id, suggested, note]);
  expect(notes).toContainEqual(["prod-amps-1-off", false, "AMPS starts with it disabled."]);
  expect(notes).toContainEqual(["prod-amps-1-local", false, expect.stringMatching(/of its own host only/)]);
  expect(notes).toContainEqual(["prod-amps-1-nvfix", true, expect.stringMatching(/older protocol/)]);
});

test("what was left out is said, and no value of it", () => {
  const { notUnderstood } = read(whole.replace("<Group>", "<Include>more.xml</Include><Group>"));
  expect(notUnderstood.map(({ where, what }) => `${where}: ${what}`)).toEqual([
    expect.stringMatching(/^Include: Files that it includes were not read/),
    "Transport unix: It is a Unix socket, which can only be reached on its own host.",
    expect.stringMatching(/^Transport env: It has an environment variable or entity in its InetAddr/),
    "Transport odd: It has an InetAddr that is not host:port.",
    "Destination lost: It has no InetAddr.",
  ]);
});

test("nothing that could be a credential comes along", () => {
  const understood = read(whole);
  const items = planImport(understood.additions, { config: emptyConfig, resolved: emptyConfig });
  expect(JSON.stringify([understood, items])).not.toContain(canary);
  const broken = ampsConfigSource(whole.replace("</Admin>", `</Admin ${canary}`), from);
  expect(broken.ok).toBe(false);
  expect(JSON.stringify(broken)).not.toContain(canary);
});

test("everything taken makes a valid configuration, and a second time there is nothing to add", () => {
  const { additions } = read(whole);
  const items = planImport(additions, { config: emptyConfig, resolved: emptyConfig });
  const config = withItems(emptyConfig, items);
  expect(parseConfig(config, {})).toMatchObject({ ok: true });
  const again = planImport(additions, { config, resolved: config });
  expect(again.filter(({ status }) => status !== "known")).toEqual([]);
});

test("without the host, what listens on every address is left out and says why", () => {
  const { additions, notUnderstood } = read(whole, { host: null, via: null });
  expect(additions.backends[0]?.row).toMatchObject({ id: "prod-amps-1", amps: "tcp://10.1.2.3:9010" });
  expect(notUnderstood.find(({ where }) => where === "Admin")?.what).toMatch(
    /say which host the file came from/,
  );
});

test("through a tunnel every backend has it, and the host's own loopback can be reached", () => {
  const { additions } = read(whole, { host: "localhost", via: "bastion" });
  expect(additions.backends.every(({ row }) => row.via === "bastion")).toBe(true);
  expect(additions.backends.find(({ row }) => row.id.endsWith("local"))).toMatchObject({
    suggested: true,
    note: null,
  });
});

describe("a file that is none", () => {
  test.each([
    ["no XML", "hello", /not an AMPS configuration|not well-formed/],
    ["another document", "<web-app/>", /no AMPSConfig element/],
    ["a cut-off one", whole.slice(0, 900), /not well-formed XML: see line \d+/],
    ["too large a one", `<AMPSConfig>${" ".repeat(longestImportBytes)}</AMPSConfig>`, /larger than 5 MB/],
    [
      "too deep a one",
      `${"<a>".repeat(5_000)}${"</a>".repeat(5_000)}`,
      /cannot be read|can be read|no AMPSConfig/,
    ],
    ["nothing", "", /not/],
  ])("%s is refused", (_what, text, message) => {
    const reply = ampsConfigSource(text, from);
    expect(reply.ok ? null : reply.failure).toMatchObject({
      code: "IMPORT_UNREADABLE",
      message: expect.stringMatching(message),
    });
  });

  test("entities are not put in: neither those that grow nor those that read files", () => {
    const lol = Array.from({ length: 12 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join(
      "",
    );
    const text = `<!DOCTYPE AMPSConfig [<!ENTITY l0 "lol">${lol}<!ENTITY f SYSTEM "file:///etc/passwd">]>
      <AMPSConfig><Name>&l12;</Name><Admin><InetAddr>a:1</InetAddr></Admin><Transports>
      <Transport><Name>&f;</Name><InetAddr>b:2</InetAddr></Transport></Transports></AMPSConfig>`;
    const { additions, notUnderstood } = read(text);
    expect(JSON.stringify(additions)).not.toMatch(/root:|lol|l12/);
    expect(additions.backends[0]?.row).toMatchObject({ admin: "http://a:1", amps: "tcp://b:2" });
    expect(notUnderstood.map(({ where }) => where)).toEqual(["DOCTYPE", "Name"]);
  });
});
