import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { parseConfigText } from "../../app/config/parse-config.ts";
import { AmpsTcpClient, AmpsWsClient } from "../support/amps-client.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { buildBeforeAll, runCli, startCli } from "./built-cli.ts";

cleanUpAfterEach();
buildBeforeAll();

/** The ports of an instance as `sandbox` prints them. */
function portsOf(output: string, name: string): Readonly<Record<string, number>> {
  const line = output.split("\n").find((one) => one.startsWith(`${name}: `)) ?? "";
  const found = /amps (\d+), websocket (\d+), admin http:\/\/127\.0\.0\.1:(\d+)\/, replication (\d+)$/.exec(
    line,
  );
  const [amps, websocket, admin, replication] = (found ?? []).slice(1).map(Number);
  return { amps: amps ?? 0, websocket: websocket ?? 0, admin: admin ?? 0, replication: replication ?? 0 };
}

describe("sandbox", () => {
  test("runs as many instances as it is told, says that they are simulated, and writes a configuration for them", async () => {
    const file = join(tempFolder(), "sandbox.json");
    const cli = startCli(["sandbox", "--base-port", "0", "--instances", "3", "--config-out", file]);
    await until(() => cli.stdout().includes("Configuration written to"));
    expect(cli.stdout()).toContain("Sandbox: simulated AMPS instances, no real data.\n");
    const parsed = parseConfigText(readFileSync(file, "utf8"), {});
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const { backends, routes } = parsed.value.document;
    expect(backends.map((backend) => backend.id)).toEqual(["amps-a", "amps-b", "amps-c"]);
    expect(routes.length).toBeGreaterThan(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const backend of backends) {
      const ports = portsOf(cli.stdout(), backend.id);
      expect(backend.amps).toBe(`tcp://127.0.0.1:${ports["amps"]}`);
      const answer = await fetch(`http://127.0.0.1:${ports["admin"]}/amps/instance/name.json`);
      expect(JSON.stringify(await answer.json())).toContain(backend.id);
    }
    expect((await cli.stop()).code).toBe(0);
  });

  test("carries messages between its instances, and ends with 0 while clients are connected", async () => {
    const cli = startCli(["sandbox", "--base-port", "0"]);
    await until(() => (portsOf(cli.stdout(), "amps-b")["amps"] ?? 0) > 0);
    const publisher = await AmpsTcpClient.connect({
      port: portsOf(cli.stdout(), "amps-a")["amps"] ?? 0,
      name: "publisher",
    });
    const subscriber = await AmpsWsClient.connect({
      port: portsOf(cli.stdout(), "amps-b")["websocket"] ?? 0,
      name: "subscriber",
    });
    cleanUp(() => void publisher.socket.destroy());
    cleanUp(() => subscriber.webSocket.terminate());
    await subscriber.subscribe("cli-test");
    await publisher.publish("cli-test", { id: 7 }, { persisted: true });
    expect(JSON.parse((await subscriber.nextMessage()).body)).toEqual({ id: 7 });
    const { code, stderr } = await cli.stop();
    expect([code, stderr]).toEqual([0, ""]);
  });

  test("keeps a copy of the file that its configuration takes the place of", async () => {
    const folder = tempFolder({ "routes.json": '{"version": 1}' });
    const file = join(folder, "routes.json");
    const cli = startCli(["sandbox", "--base-port", "0", "--config-out", file]);
    await until(() => cli.stdout().includes("Configuration written to"));
    expect(readFileSync(file, "utf8")).toContain("amps-a");
    expect(readFileSync(`${file}.bak-1`, "utf8")).toBe('{"version": 1}');
  });

  test("ends with 1 where the configuration cannot be written, and says so", async () => {
    const file = join(tempFolder(), "missing", "sandbox.json");
    const { code, stderr } = await runCli(["sandbox", "--base-port", "0", "--config-out", file]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file} could not be written`);
    expect(existsSync(file)).toBe(false);
  });
});

describe("serve --sandbox", () => {
  test("runs without a file: its routes lead to simulated instances that are up", async () => {
    const cli = startCli(["serve", "--sandbox", "--json"]);
    const line = await cli.line((one) => one["event"] === "ready");
    const snapshot = () =>
      fetch(`${line["api"] as string}/api/snapshot`, {
        headers: { Authorization: `Bearer ${line["token"] as string}` },
      }).then((answer) => answer.json() as Promise<Snapshot>);
    const { backends } = await until(async () => {
      const now = await snapshot();
      return now.backends.length > 0 && now.backends.every((backend) => backend.health === "up") ? now : null;
    });
    expect(backends.map((backend) => backend.id)).toEqual(["amps-a", "amps-b"]);
    const command = async (name: string, argument: unknown) => {
      const headers = {
        Authorization: `Bearer ${line["token"] as string}`,
        "Content-Type": "application/json",
      };
      const request = { method: "POST", headers, body: JSON.stringify(argument) };
      return (await fetch(`${line["api"] as string}/api/commands/${name}`, request)).json();
    };
    // There is no file that could be named.
    expect(await command("about.get", null)).toMatchObject({ value: { configFile: null } });
    expect(await command("galvanometer.open", { backend: "amps-a" })).toMatchObject({
      value: { command: null },
    });
    const orders = (await snapshot()).routes.find((route) => route.id === "orders");
    const client = await AmpsTcpClient.connect({
      port: Number(orders?.listen.split(":")[1]),
      name: "through-the-route",
    });
    cleanUp(() => void client.socket.destroy());
    const row = await until(async () =>
      (await snapshot()).connections.find((connection) => connection.ampsClient === "through-the-route"),
    );
    expect(row).toMatchObject({ route: "orders", backend: "amps-a", kind: "amps", messageType: "json" });
    client.socket.destroy();
    expect((await cli.stop()).code).toBe(0);
  });

  test("adds its rows to the file beside the operator's own", async () => {
    const own: ShuntConfig = {
      version: 1,
      tunnels: [],
      backends: [{ id: "mine", amps: "tcp://127.0.0.1:9", note: "kept" }],
      pools: [],
      routes: [],
    };
    const folder = tempFolder({ "config.json": JSON.stringify(own) });
    const file = join(folder, "config.json");
    const cli = startCli(["serve", "--config", file, "--sandbox", "--json", "--no-ui"]);
    await cli.line((one) => one["event"] === "ready");
    const saved = JSON.parse(readFileSync(file, "utf8")) as ShuntConfig;
    expect(saved.backends.map((backend) => backend.id)).toEqual(["mine", "amps-a", "amps-b"]);
    expect(saved.backends[0]).toEqual(own.backends[0]);
    expect((await cli.stop()).code).toBe(0);
  });
});
