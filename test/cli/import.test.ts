import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { buildBeforeAll, runCli } from "./built-cli.ts";

cleanUpAfterEach();
buildBeforeAll();

const secret = secretOf("imported password");
const xml = `<AMPSConfig><Name>P1</Name><Authentication><Options><BindPassword>${secret}</BindPassword></Options></Authentication><Admin><InetAddr>8085</InetAddr></Admin><Transports><Transport><Name>t</Name><InetAddr>9007</InetAddr></Transport></Transports></AMPSConfig>`;
const folder = mkdtempSync(join(tmpdir(), "shunt-import-"));
const at = (name: string) => join(folder, name);
const files = {
  "amps.xml": xml,
  "other.xml": "<other/>",
  ssh: "Host gate\n  LocalForward 9007 amps-1:9007\n  LocalForward /x amps-1:9008\n",
  "base.json": JSON.stringify({
    version: 1,
    tunnels: [{ id: "gate", type: "ssh", address: "gate" }],
    backends: [{ id: "p1", via: "gate", admin: "http://amps-1:8085" }],
  }),
};
beforeAll(() => {
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("an AMPS file becomes a configuration that `check` accepts", async () => {
  const out = at("out.json");
  const args = ["import", "amps-config", "--in", at("amps.xml"), "--host", "amps-1", "--out", out];
  expect(await runCli(args)).toMatchObject({ code: 0, stdout: "" });
  const config = JSON.parse(readFileSync(out, "utf8")) as ShuntConfig;
  expect(config.backends).toEqual([
    { id: "p1", amps: "tcp://amps-1:9007", admin: "http://amps-1:8085", instanceName: "P1" },
  ]);
  expect(config.routes.map(({ id }) => id)).toEqual(["p1", "p1-amps"]);
  expect(await runCli(["check", "--config", out])).toMatchObject({ code: 0 });
  // An existing file is left alone.
  expect(await runCli(args)).toMatchObject({ code: 1, stderr: expect.stringContaining("is there already") });
});

test("a file is read in the encoding that it has", async () => {
  const text = xml.replace("<Name>P1<", "<Name>Zürich<");
  for (const [name, bytes] of [
    ["utf8.xml", Buffer.from(text)],
    ["latin1.xml", Buffer.from(text, "latin1")],
    ["utf16.xml", Buffer.from(`\uFEFF${text}`, "utf16le")],
    ["utf16be.xml", Buffer.from(`\uFEFF${text}`, "utf16le").swap16()],
  ] as const) {
    writeFileSync(at(name), bytes);
    const { code, stdout } = await runCli(["import", "amps-config", "--in", at(name), "--host", "amps-1"]);
    expect(code, name).toBe(0);
    expect((JSON.parse(stdout) as ShuntConfig).backends[0]?.instanceName, name).toBe("Zürich");
  }
});

test("into a configuration, through its tunnel: what is there is completed, not doubled", async () => {
  const { code, stdout, stderr } = await runCli([
    ...["import", "amps-config", "--in", at("amps.xml"), "--host", "amps-1"],
    ...["--config", at("base.json"), "--via", "gate"],
  ]);
  expect(code).toBe(0);
  expect(stderr).toContain("changed: backend p1 (Transport t, Admin)\n");
  const { tunnels, backends } = JSON.parse(stdout) as ShuntConfig;
  expect(tunnels).toHaveLength(1);
  expect(backends).toEqual([
    { id: "p1", via: "gate", admin: "http://amps-1:8085", amps: "tcp://amps-1:9007", instanceName: "P1" },
  ]);
});

test("ssh-config says what it left out, and takes the rest", async () => {
  const { code, stdout, stderr } = await runCli(["import", "ssh-config", "--in", at("ssh")]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^left out: Host gate: LocalForward \/x amps-1:9008 is about a Unix socket/);
  expect(JSON.parse(stdout)).toMatchObject({
    tunnels: [{ id: "gate", address: "gate" }],
    backends: [{ via: "gate", amps: "tcp://amps-1:9007" }],
    routes: [{ listen: "localhost:9007", transport: "amps" }],
  });
});

test.each([
  [["amps-config", "--in", at("none.xml")], 1, /cannot be read \(ENOENT\)/],
  [["amps-config", "--in", at("other.xml")], 1, /no AMPSConfig element/],
  [["amps-config", "--in", at("amps.xml")], 1, /say which host the file came from[^]*nothing that Shunt/],
  [["amps-config", "--in", at("amps.xml"), "--host", "a b"], 2, /is not a host/],
  [
    ["amps-config", "--in", at("amps.xml"), "--host", "h", "--config", at("base.json"), "--via", "x"],
    1,
    /no tunnel x/,
  ],
  [["nginx", "--in", at("other.xml")], 1, /not an NGINX configuration: line 1/],
  [["caddy", "--in", at("ssh")], 2, /ssh-config, amps-config/],
  [["ssh-config"], 2, /--in/],
])("shunt import %j ends with %i", async (args, code, message) => {
  const ended = await runCli(["import", ...args]);
  expect(ended).toMatchObject({ code, stdout: "" });
  expect(ended.stderr).toMatch(message);
});
