/** The way of an organisation's own builds: the script signs what lies in a folder, and the app takes exactly that. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { root } from "../../scripts/setup/paths.mjs";
import { readUpdateFacts } from "../../scripts/update-feed.mjs";
import { updateHandlers } from "../../app/service/updates.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { findSecrets } from "../support/secret-search.ts";
import { knowSecret } from "../support/suite-secrets.ts";
import { newSigningKey } from "../support/update-feed.ts";
import { feedCertificates, key, startUpdating } from "./updating.ts";

const certificates = feedCertificates();
cleanUpAfterEach();

describe("signing a release", () => {
  let folder = "";
  const at = (name: string) => path.join(folder, name);
  const { version } = manifest;
  const deb = `shunt-${version}-linux-amd64.deb`;
  const pem = key.privateKey.export({ format: "pem", type: "pkcs8" });
  const run = (updates = "updates.json", keyFile = "key.pem") => {
    const args = ["--updates", at(updates), "--update-key", at(keyFile), "--folder", folder];
    return spawnSync(process.execPath, ["scripts/sign-update.mjs", ...args], { cwd: root, encoding: "utf8" });
  };
  const facts = {
    feed: "https://updates.example.com/shunt/stable.feed",
    channel: "stable",
    publicKeys: [key.publicKey],
  };

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "shunt-release-"));
    writeFileSync(at("key.pem"), pem);
    writeFileSync(at("updates.json"), JSON.stringify(facts));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("without a package of this version, or with another key, writes nothing and says why", () => {
    writeFileSync(at("shunt-0.0.0-linux-amd64.deb"), "an old one");
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining("has no package of") });
    writeFileSync(at(deb), "a package");
    writeFileSync(at("others.json"), JSON.stringify({ ...facts, publicKeys: [newSigningKey().publicKey] }));
    expect(run("others.json").stderr).toContain("the app would refuse this feed");
    expect(run("updates.json", "updates.json").stderr).toContain("is not an Ed25519 private key");
    expect(readdirSync(folder)).not.toContain("stable.feed");
  });

  test("names every package once, and the app finds, verifies and saves its own", async () => {
    const names = [deb, `shunt-${version}-linux-x86_64.AppImage`, `shunt-${version}-win-x64.exe`];
    for (const name of names) writeFileSync(at(name), `the bytes of ${name}`);
    const signed = run();
    expect(signed.status, signed.stderr).toBe(0);
    const feed = readFileSync(at("stable.feed"));
    const body = JSON.parse(feed.subarray(feed.indexOf("\n")).toString("utf8")) as {
      packages: readonly { file: string; platform: string; arch: string }[];
    };
    expect(body.packages.map(({ file, platform, arch }) => [file, platform, arch])).toEqual([
      [deb, "linux", "x64"],
      [names[1], "linux", "x64"],
      [names[2], "win32", "x64"],
    ]);
    knowSecret("private key", pem.toString().split("\n")[1] ?? "");
    expect(findSecrets({ output: signed.stdout + signed.stderr, feed })).toEqual([]);

    const running = { version: "0.0.9", platform: "linux", arch: "x64", packaging: ".AppImage" } as const;
    const { updates, server, files, outcome } = await startUpdating(certificates, { running });
    server.serve("/shunt/stable.feed", feed);
    for (const name of names) server.serve(`/shunt/${name}`, readFileSync(at(name)));
    await updates.check();
    await updates.download();
    expect([outcome(), files()]).toEqual(["saved", [names[1]]]);
  });

  test("a build is not packed with an address that the app would not ask", async () => {
    writeFileSync(at("http.json"), JSON.stringify({ ...facts, feed: "http://updates.example.com/x" }));
    await expect(readUpdateFacts(at("http.json"))).rejects.toThrow("updates.feed: is not an https address");
    await expect(readUpdateFacts(at("none.json"))).rejects.toThrow("could not be read");
  });
});

test("a Shunt without an updater says so, and does nothing", async () => {
  const handlers = updateHandlers(undefined);
  expect(await handlers["update.status"](null)).toEqual({ ok: true, value: null });
  for (const name of ["update.check", "update.download", "update.stop", "update.reveal"] as const)
    expect(await handlers[name](null)).toMatchObject({ ok: false, failure: { code: "NOT_POSSIBLE_HERE" } });
});

test("the package is shown once it is saved, and as long as it is there", async () => {
  const { updates } = await startUpdating(certificates);
  const handlers = updateHandlers({ updates, reveal: () => false });
  for (const name of ["update.download", "update.reveal"] as const)
    expect(await handlers[name](null)).toMatchObject({ ok: false, failure: { code: "NOT_FOUND" } });
});
