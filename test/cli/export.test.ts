/** `shunt export`: files and reasons, by exit code. */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, linkSync, openSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { buildBeforeAll, builtCli, runCli } from "./built-cli.ts";

cleanUpAfterEach();
buildBeforeAll();

const plain = {
  version: 1,
  backends: [{ id: "one", amps: "tcp://10.0.0.1:9007", admin: "http://10.0.0.1:8085" }],
  routes: [{ id: "in", listen: "127.0.0.1:9007", transport: "amps", target: "one" }],
};
const tunneled = {
  ...plain,
  tunnels: [{ id: "bastion", type: "ssh", address: "jump.example.com:22" }],
  backends: [{ ...plain.backends[0], via: "bastion" }],
};

function saved(document: object): { readonly folder: string; readonly file: string } {
  const folder = tempFolder({ "config.json": JSON.stringify(document) });
  return { folder, file: join(folder, "config.json") };
}

test.each([
  ["nginx", "proxy_pass in-amps;"],
  ["haproxy", "listen in-amps"],
  ["envoy", "cluster: in-amps"],
  ["amps", "<AMPSConfig>"],
  ["clients", "tcp://127.0.0.1:9007/amps/json"],
  ["json", '"version": 1'],
])("export %s writes to standard output", async (format, expected) => {
  const { file } = saved(plain);
  const ended = await runCli(["export", format, "--config", file]);
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stdout).toContain(expected);
});

test("what cannot be expressed ends with 1, the reason on standard error, and nothing written", async () => {
  const { folder, file } = saved(tunneled);
  const out = join(folder, "nginx.conf");
  const ended = await runCli(["export", "nginx", "--config", file, "--out", out]);
  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toMatch(
    /^refused TUNNEL_SSH \(backend one\): Backend one is reached through SSH tunnel bastion/m,
  );
  expect(ended.stderr).toMatch(/--annotate/);
  expect(readdirSync(folder)).toEqual(["config.json"]);
});

test("with --annotate the file and its units are written, to a folder or beside the file", async () => {
  const { folder, file } = saved(tunneled);
  const toFolder = await runCli([
    "export",
    "haproxy",
    "--config",
    file,
    "--annotate",
    "--out",
    `${folder}/out/`,
  ]);
  expect(toFolder).toMatchObject({ code: 0, stdout: "" });
  expect(readdirSync(join(folder, "out")).sort()).toEqual([
    "shunt-haproxy.cfg",
    "shunt-tunnel-bastion.service",
  ]);
  const named = join(folder, "named.cfg");
  expect(await runCli(["export", "haproxy", "--config", file, "--annotate", "--out", named])).toMatchObject({
    code: 0,
  });
  expect(readFileSync(named, "utf8")).toBe(readFileSync(join(folder, "out/shunt-haproxy.cfg"), "utf8"));
  expect(readdirSync(folder)).toContain("shunt-tunnel-bastion.service");
});

test("the configuration itself is never written over, by whatever name it goes", async () => {
  const { folder, file } = saved(plain);
  symlinkSync(file, join(folder, "link"));
  linkSync(file, join(folder, "shunt-haproxy.cfg"));
  for (const [format, out] of [
    ["clients", file],
    ["json", join(folder, "link")],
    ["haproxy", folder],
  ] as const) {
    const { code, stderr } = await runCli(["export", format, "--config", file, "--out", out]);
    expect(stderr).toContain("is the configuration itself; name another file with --out.");
    expect(code).toBe(1);
  }
  expect(readFileSync(file, "utf8")).toBe(JSON.stringify(plain));
});

test.skipIf(!existsSync("/dev/full"))(
  "an output that cannot be written ends with 1 and the reason (needs /dev/full)",
  async () => {
    const { file } = saved(plain);
    const full = openSync("/dev/full", "w");
    const args = [builtCli(), "export", "json", "--config", file];
    const { status, stderr } = spawnSync(process.execPath, args, {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(stderr).toBe("shunt: the output cannot be written (ENOSPC)\n");
    expect(status).toBe(1);
  },
);

test("--public-host names the host; a wrong one, or a wrong format, is wrong usage", async () => {
  const { file } = saved(plain);
  const ended = await runCli(["export", "clients", "--config", file, "--public-host", "gw.example.com"]);
  expect(ended.stdout).toContain("tcp://gw.example.com:9007/amps/json");
  expect(await runCli(["export", "clients", "--config", file, "--public-host", "gw:1"])).toMatchObject({
    code: 2,
  });
  expect(await runCli(["export", "apache", "--config", file])).toMatchObject({ code: 2 });
});

test("a configuration with problems is told as `shunt check` tells it", async () => {
  const { file } = saved({ version: 1, routes: [{ id: "X" }] });
  const ended = await runCli(["export", "json", "--config", file]);
  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toMatch(/routes\[0\]\.id/);
});
