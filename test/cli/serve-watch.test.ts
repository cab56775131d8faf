import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { buildBeforeAll, startCli } from "./built-cli.ts";
import { echoing, ready, route, setting, snapshotOf } from "./serve-setting.ts";

cleanUpAfterEach();
buildBeforeAll();

describe("serve --watch", () => {
  test("applies a changed file, and connections of routes that did not change live on", async () => {
    const { file, config, port, otherPort, write } = await setting();
    const cli = startCli(["serve", "--config", file, "--json", "--watch"]);
    const line = await ready(cli);
    const kept = await echoing(port);
    const added = await freePort();
    write({ ...config, routes: [route("r", port), route("new", added)] });
    await cli.line((one) => one["event"] === "route-listening" && one["route"] === "new");
    await echoing(added);
    await expect(connectTcp(otherPort)).rejects.toThrow("ECONNREFUSED");
    const before = kept.bytes().length;
    kept.socket.write("still here");
    await kept.received(before + "still here".length);
    expect((await snapshotOf(line)).routes.map((one) => one.id)).toEqual(["r", "new"]);
  });

  test("sees a file that an editor puts in the place of the old one", async () => {
    const { file, config, write, port } = await setting();
    const cli = startCli(["serve", "--config", file, "--json", "--watch"]);
    await ready(cli);
    rmSync(file);
    write({ ...config, routes: [route("renamed", port)] });
    await cli.line((one) => one["event"] === "config-applied");
    await echoing(port);
  });

  test("sees a change of the file that a link leads to, and then of the one that it is turned to", async () => {
    const { file, config, port } = await setting();
    const folder = dirname(file);
    const writeIn = (release: string, id: string): void => {
      mkdirSync(join(folder, release), { recursive: true });
      writeFileSync(
        join(folder, release, "shunt.json"),
        JSON.stringify({ ...config, routes: [route(id, port)] }),
      );
    };
    writeIn("one", "first");
    // As Kubernetes mounts a ConfigMap: the file is a link through a link that is turned.
    symlinkSync("one", join(folder, "..data"));
    symlinkSync("..data/shunt.json", join(folder, "shunt.json"));
    const cli = startCli(["serve", "--config", join(folder, "shunt.json"), "--json", "--watch"]);
    const listening = (id: string) =>
      cli.line((one) => one["event"] === "route-listening" && one["route"] === id);
    await ready(cli);
    writeIn("one", "edited");
    await listening("edited");
    writeIn("two", "turned");
    symlinkSync("two", join(folder, "..fresh"));
    renameSync(join(folder, "..fresh"), join(folder, "..data"));
    await listening("turned");
    writeIn("two", "edited-again");
    await listening("edited-again");
  });

  test("leaves everything as it was where the change is not valid, says why, and takes the next good one", async () => {
    const { file, config, port, otherPort, write } = await setting();
    const cli = startCli(["serve", "--config", file, "--json", "--watch"]);
    await ready(cli);
    const kept = await echoing(port);
    write({ ...config, routes: [{ ...config.routes[0], listen: "nowhere" }] });
    expect(await cli.line((one) => one["event"] === "config-refused")).toMatchObject({
      severity: "error",
      code: "CONFIG_INVALID",
      message: expect.stringContaining('routes[0].listen: "nowhere" is not an address') as string,
    });
    expect(cli.stderr()).toContain("was changed and is not applied:");
    await echoing(otherPort);
    write({ ...config, routes: [route("r", port)] });
    await cli.line((one) => one["event"] === "config-applied");
    await expect(connectTcp(otherPort)).rejects.toThrow("ECONNREFUSED");
    kept.socket.write("x");
    await kept.receivedText("x");
  });

  test("without it a changed file changes nothing", async () => {
    const { file, config, otherPort, write } = await setting();
    const cli = startCli(["serve", "--config", file, "--json"]);
    await ready(cli);
    write({ ...config, routes: [] });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await echoing(otherPort);
  });
});
