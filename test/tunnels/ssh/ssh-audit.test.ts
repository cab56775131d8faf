/** What Shunt offers as an SSH client, judged by an independent tool. */
import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { available, programs } from "../../support/available.ts";
import { cleanUp, cleanUpAfterEach, until } from "../../support/running-engine.ts";
import { freePort } from "../../support/free-port.ts";
import { makeSshHome } from "../../support/ssh-server.ts";
import { openTunnelSet } from "../../support/tunnel-set.ts";

cleanUpAfterEach();

test.skipIf(!available.sshAudit)("ssh-audit finds nothing that rests on SHA-1", async () => {
  const port = await freePort();
  const audit = spawn(programs.sshAudit ?? "", ["-n", "-c", "-p", String(port), "-t", "20"], {
    stdio: "pipe",
  });
  cleanUp(() => void audit.kill("SIGKILL"));
  let report = "";
  audit.stdout.on("data", (chunk: Buffer) => (report += chunk.toString()));
  const home = makeSshHome();
  const ssh = { home: home.folder, configFile: home.configFile, agent: null };
  const set = openTunnelSet({ secrets: async () => null, ssh }, [
    { id: "t", type: "ssh", address: `127.0.0.1:${port}`, user: "ops" },
  ]);
  // It reconnects by itself until the tool listens.
  void set.openTcp({ host: "127.0.0.1", port: 9 }, "t");
  await until(() => audit.exitCode !== null, "the audit");
  const offered = report.split("\n").filter((line) => /^\((kex|key|enc|mac)\)/.test(line));
  expect(offered.length).toBeGreaterThan(15);
  expect(offered.filter((line) => /sha1|\(key\) ssh-rsa\b|sha-1/i.test(line))).toEqual([]);
});
