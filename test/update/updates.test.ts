/** Getting a new version: what is asked, fetched and kept, and what a server may do wrong on the way. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { UpdateStatus } from "../../app/contract/update.ts";
import { readUpdateSource } from "../../app/update/update-source.ts";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";
import { manifestOf, newSigningKey, packageBytes, packageName, signedFeed } from "../support/update-feed.ts";
import { feedCertificates, key, startUpdating, type Updating, type UpdatingOptions } from "./updating.ts";

const certificates = feedCertificates();
cleanUpAfterEach();

/** With a feed of 2.0.0 and its package. */
async function start(options: UpdatingOptions = {}): Promise<Updating> {
  const updating = await startUpdating(certificates, options);
  updating.server.serve("/shunt/stable.feed", signedFeed(manifestOf(), key));
  updating.server.serve(`/shunt/${packageName}`, packageBytes);
  return updating;
}

const running = { version: "1.0.0", platform: "linux", arch: "x64", packaging: ".deb" } as const;
/** The response's head and half the package, and then nothing. */
const half = (updating: Updating) =>
  updating.server.serve(`/shunt/${packageName}`, (_request, response) => {
    response.writeHead(200, { "Content-Length": packageBytes.length });
    response.write(packageBytes.subarray(0, packageBytes.length / 2));
  });
const receivedHalf = (updating: Updating) =>
  until(() => {
    const stage = updating.stage();
    return stage.is === "downloading" && stage.receivedBytes === packageBytes.length / 2;
  }, "half of the package");

test("a new version is asked for, found, fetched, verified and saved, each only when it is wanted", async () => {
  const updating = await start();
  const { updates, server, folder } = updating;
  const told: UpdateStatus["stage"][] = [];
  updates.onChange(({ stage }) => told.push(stage));
  expect([updating.stage(), await updates.download(), server.asked]).toEqual([{ is: "idle" }, false, []]);

  await updates.check();
  const release = {
    version: "2.0.0",
    released: "2026-11-20",
    file: packageName,
    bytes: packageBytes.length,
  };
  expect(updating.stage()).toEqual({ is: "newer", release });
  expect([server.asked, updating.files()]).toEqual([["/shunt/stable.feed"], []]);

  expect(await updates.download()).toBe(true);
  const saved = path.join(folder, packageName);
  expect(updating.stage()).toEqual({ is: "saved", release, path: saved });
  expect(readFileSync(saved).equals(packageBytes)).toBe(true);
  expect([updating.files(), statSync(saved).mode & 0o077]).toEqual([[packageName], 0]);
  expect(told.map(({ is }) => is).filter((is, at, all) => is !== all[at - 1])).toEqual([
    "checking",
    "newer",
    "downloading",
    "saved",
  ]);
  // What was found before is still there after another look.
  await updates.check();
  expect(updating.stage()).toEqual({ is: "saved", release, path: saved });
});

test("what was fetched before is verified where it lies, and not fetched again", async () => {
  const updating = await start();
  writeFileSync(path.join(updating.folder, packageName), packageBytes);
  await updating.updates.check();
  await updating.updates.download();
  expect([updating.outcome(), updating.files()]).toEqual(["saved", [packageName]]);
  expect(updating.server.asked).toEqual(["/shunt/stable.feed"]);
});

test("another file of the package's name is left alone", async () => {
  const updating = await start();
  writeFileSync(path.join(updating.folder, packageName), "mine");
  await updating.updates.check();
  await updating.updates.download();
  const second = packageName.replace(".deb", " (2).deb");
  expect(updating.stage()).toMatchObject({ is: "saved", path: path.join(updating.folder, second) });
  expect(readFileSync(path.join(updating.folder, packageName), "utf8")).toBe("mine");
});

describe("what a feed means for the Shunt that runs", () => {
  test.each([
    ["the same version", { ...running, version: "2.0.0" }, "current"],
    ["a beta of it", { ...running, version: "2.0.0-beta.3" }, "newer"],
    ["a later one", { ...running, version: "2.0.1-beta.1" }, "UPDATE_OLDER"],
    ["another processor", { ...running, arch: "arm64" }, "UPDATE_NO_PACKAGE"],
    ["another system", { ...running, platform: "win32", packaging: ".exe" }, "UPDATE_NO_PACKAGE"],
    ["another kind of package", { ...running, packaging: ".AppImage" }, "UPDATE_NO_PACKAGE"],
  ] as const)("%s: %s", async (_which, shunt, outcome) => {
    const updating = await start({ running: shunt });
    await updating.updates.check();
    expect(updating.outcome()).toBe(outcome);
  });
});

describe("a server that", () => {
  const quick = { idleMs: 1_500, wholeMs: 60_000 };

  test.each([
    ["shows a certificate that has expired", { certificate: "expired" }],
    ["shows a certificate of another name", { certificate: "elsewhere" }],
    ["is of an authority that the build does not name", { facts: { authorities: [] } }],
  ])("%s is not believed, and sees no request", async (_what, options) => {
    const updating = await start(options);
    await updating.updates.check();
    expect([updating.outcome(), updating.server.asked]).toEqual(["UPDATE_SERVER_UNTRUSTED", []]);
  });

  test("redirects within https is followed, and what is behind it judged like any other", async () => {
    const updating = await start();
    const to = (location: string) => (_: unknown, response: ServerResponse) =>
      void response.writeHead(307, { location }).end();
    updating.server.serve("/moved", signedFeed(manifestOf(), key));
    updating.server.serve("/shunt/stable.feed", to("/moved"));
    await updating.updates.check();
    expect(updating.outcome()).toBe("newer");
    for (const [location, code] of [
      ["/shunt/stable.feed", "UPDATE_UNREACHABLE"],
      ["http://127.0.0.1:1/", "UPDATE_NOT_HTTPS"],
      ["file:///etc/passwd", "UPDATE_NOT_HTTPS"],
      ["https://", "UPDATE_UNREACHABLE"],
    ] as const) {
      updating.server.serve("/shunt/stable.feed", to(location));
      await updating.updates.check();
      expect(updating.outcome(), location).toBe(code);
    }
  });

  test.each([
    ["is not there", "UPDATE_UNREACHABLE"],
    ["has no feed", "UPDATE_UNREACHABLE"],
    ["says nothing", "UPDATE_UNREACHABLE"],
    ["falls silent", "UPDATE_CUT_SHORT"],
    ["never ends", "UPDATE_TOO_LARGE"],
    ["announces too much", "UPDATE_TOO_LARGE"],
  ])("%s: %s", async (what, code) => {
    const isSilent = code === "UPDATE_CUT_SHORT" || what === "says nothing";
    const updating = await start(isSilent ? { feedLimits: quick } : {});
    updating.server.serve("/shunt/stable.feed", (_request, response) => {
      if (what === "has no feed") response.writeHead(404).end();
      if (what === "falls silent") response.write("shunt-update-1");
      if (what === "announces too much") response.writeHead(200, { "Content-Length": 64_001 }).flushHeaders();
      if (what !== "never ends") return;
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_000, "x")));
      };
      response.on("drain", more);
      more();
    });
    if (what === "is not there") await updating.server.close();
    await updating.updates.check();
    expect(updating.outcome()).toBe(code);
  });

  test("sends a byte now and then is given up after the whole time", async () => {
    const updating = await start({ feedLimits: { idleMs: 30_000, wholeMs: 2_000 } });
    updating.server.serve("/shunt/stable.feed", (_request, response) => {
      const trickle = setInterval(() => response.write("x"), 50);
      response.on("close", () => clearInterval(trickle));
    });
    await updating.updates.check();
    expect(updating.outcome()).toBe("UPDATE_CUT_SHORT");
  });

  test.each([
    ["a package with no end", "UPDATE_SIZE_WRONG", Buffer.concat([packageBytes, packageBytes])],
    ["half a package", "UPDATE_SIZE_WRONG", packageBytes.subarray(0, 1_000)],
  ])("sends %s: nothing of it is kept", async (_what, code, bytes) => {
    const updating = await start();
    updating.server.serve(`/shunt/${packageName}`, (_request, response) => {
      // Without saying how long it is.
      response.write(bytes.subarray(0, 500));
      response.end(bytes.subarray(500));
    });
    await updating.updates.check();
    await updating.updates.download();
    expect([updating.outcome(), updating.files()]).toEqual([code, []]);
    // The release stays on offer.
    updating.server.serve(`/shunt/${packageName}`, packageBytes);
    await updating.updates.download();
    expect([updating.outcome(), updating.files()]).toEqual(["saved", [packageName]]);
  });

  test("falls silent in the middle of a package: nothing of it is kept", async () => {
    const updating = await start({ packageLimits: quick });
    half(updating);
    await updating.updates.check();
    await updating.updates.download();
    expect([updating.outcome(), updating.files()]).toEqual(["UPDATE_CUT_SHORT", []]);
  });
});

describe("the operator", () => {
  test("stops a download: nothing of it is left, and it can be had again", async () => {
    const updating = await start();
    half(updating);
    await updating.updates.check();
    const downloading = updating.updates.download();
    await receivedHalf(updating);
    expect(updating.files()).toEqual([expect.stringMatching(/\.deb\.[0-9a-f]{12}\.part$/)]);
    // Another wish meanwhile waits for this one, and starts nothing.
    const asked = updating.server.asked.length;
    const again = updating.updates.check();
    await updating.updates.stop();
    await Promise.all([downloading, again]);
    expect([updating.outcome(), updating.files(), updating.server.asked.length]).toEqual([
      "newer",
      [],
      asked,
    ]);
    updating.server.serve(`/shunt/${packageName}`, packageBytes);
    await updating.updates.download();
    expect(updating.outcome()).toBe("saved");
  });

  test("stops asking", async () => {
    const updating = await start();
    updating.server.serve("/shunt/stable.feed", () => undefined);
    const asking = updating.updates.check();
    await until(() => updating.server.asked.length > 0, "the request");
    expect(updating.outcome()).toBe("checking");
    await updating.updates.stop();
    await asking;
    expect(updating.outcome()).toBe("idle");
  });

  test("takes the file away while it arrives", async () => {
    const updating = await start();
    let finish = () => {};
    updating.server.serve(`/shunt/${packageName}`, (_request, response) => {
      response.write(packageBytes.subarray(0, packageBytes.length / 2));
      finish = () => response.end(packageBytes.subarray(packageBytes.length / 2));
    });
    await updating.updates.check();
    const downloading = updating.updates.download();
    await receivedHalf(updating);
    for (const file of readdirSync(updating.folder)) rmSync(path.join(updating.folder, file));
    finish();
    await downloading;
    expect([updating.outcome(), updating.files()]).toEqual(["UPDATE_NOT_SAVED", []]);
  });

  test("has a folder of downloads that cannot be written: said, with the reason", async () => {
    const updating = await start({ folder: () => "/dev/null/downloads" });
    await updating.updates.check();
    await updating.updates.download();
    expect(updating.stage()).toMatchObject({
      is: "failed",
      failure: { code: "UPDATE_NOT_SAVED", message: expect.stringContaining("ENOTDIR") },
      release: { version: "2.0.0" },
    });
  });

  test("is asked for nothing by the clock unless they want it, and then once a day", async () => {
    let nowMs = Date.parse("2026-11-26T08:00:00Z");
    const { updates, server } = await start({ now: () => nowMs });
    expect(updates.isCheckDue()).toBe(false);
    updates.setDaily(true);
    expect(updates.isCheckDue()).toBe(true);
    server.serve("/shunt/stable.feed", (_request, response) => response.writeHead(503).end());
    await updates.check();
    expect([updates.status().askedAt, updates.isCheckDue()]).toEqual(["2026-11-26T08:00:00.000Z", false]);
    nowMs += 86_399_999;
    expect(updates.isCheckDue()).toBe(false);
    nowMs += 1;
    expect(updates.isCheckDue()).toBe(true);
    // A newer one that waits for the operator needs no further question.
    server.serve("/shunt/stable.feed", signedFeed(manifestOf(), key));
    await updates.check();
    nowMs += 86_400_000;
    expect(updates.isCheckDue()).toBe(false);
    updates.setDaily(false);
    expect(updates.status()).toMatchObject({ daily: false, channel: "stable" });
  });
});

describe("a build's facts", () => {
  const facts = {
    feed: "https://updates.example.com/shunt/stable.feed",
    channel: "stable",
    publicKeys: [newSigningKey().publicKey],
  };
  test.each([
    ["an address without https", { feed: "http://127.0.0.1/stable.feed" }, /^updates.feed: is not an https/],
    ["an address with a password", { feed: "https://a:b@example.com/x" }, /^updates.feed: names a user/],
    ["no key", { publicKeys: [] }, /^updates.publicKeys/],
    ["a key that is none", { publicKeys: ["AAAA"] }, /^updates.publicKeys.0: is not an Ed25519/],
    ["a word that is not known", { chanel: "beta" }, /chanel/],
    ["an authority that is none", { authorities: ["x"] }, /^updates.authorities.0/],
    ["nothing", null, /^updates/],
  ])("with %s are refused", (_what, different, problem) => {
    const read = readUpdateSource(different === null ? "" : { ...facts, ...different });
    expect(read.ok ? "accepted" : read.problem).toMatch(problem);
  });

  test("are accepted where they are whole", () => {
    expect(readUpdateSource(facts)).toMatchObject({ ok: true, source: { authorities: [] } });
  });
});
