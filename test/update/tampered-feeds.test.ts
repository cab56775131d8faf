/** Feeds and packages that are not what was signed: none is offered, and none is kept (reliability 2.5, S14). */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openSignedManifest } from "../../app/update/signed-manifest.ts";
import { readUpdateSource } from "../../app/update/update-source.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { manifestOf, newSigningKey, packageBytes, packageName, signedFeed } from "../support/update-feed.ts";
import { feedCertificates, key, startUpdating, type Updating } from "./updating.ts";

const certificates = feedCertificates();
cleanUpAfterEach();

interface Tampering {
  readonly what: string;
  readonly code: string;
  /** The release is offered, and its package is what is wrong. */
  readonly offered?: true;
  readonly feed?: Buffer;
  readonly package?: Buffer;
}

const whole = signedFeed(manifestOf(), key);
const otherBytes = Buffer.from(packageBytes.map((byte, at) => (at === 150_000 ? byte ^ 1 : byte)));

const tamperings: readonly Tampering[] = [
  { what: "hash: a package of the same size", code: "UPDATE_HASH_WRONG", offered: true, package: otherBytes },
  {
    what: "size: a longer package",
    code: "UPDATE_SIZE_WRONG",
    offered: true,
    package: Buffer.alloc(300_001),
  },
  { what: "version down", code: "UPDATE_OLDER", feed: signedFeed(manifestOf({ version: "0.9.9" }), key) },
  {
    what: "other channel",
    code: "UPDATE_OTHER_CHANNEL",
    feed: signedFeed(manifestOf({ channel: "beta" }), key),
  },
  { what: "wrong key", code: "UPDATE_SIGNATURE_WRONG", feed: signedFeed(manifestOf(), newSigningKey()) },
  { what: "no signature", code: "UPDATE_UNSIGNED", feed: Buffer.from(JSON.stringify(manifestOf())) },
  { what: "truncated", code: "UPDATE_CUT_SHORT", feed: whole },
  { what: "http", code: "UPDATE_NOT_HTTPS" },
];

describe("a tampered feed is refused:", () => {
  test.each(tamperings)("$what", async ({ what, code, offered, ...served }) => {
    const updating = await startUpdating(certificates);
    const { updates, server } = updating;
    server.serve(`/shunt/${packageName}`, served.package ?? packageBytes);
    server.serve("/shunt/stable.feed", served.feed ?? whole);
    if (what === "truncated") cutShort(updating, whole);
    const plain = what === "http" ? await sendToHttp(updating) : null;
    await updates.check();
    expect(updating.outcome()).toBe(offered ? "newer" : code);
    expect(await updates.download()).toBe(offered === true);
    expect(updating.outcome()).toBe(code);
    expect(updating.files()).toEqual([]);
    expect(plain?.asked ?? 0).toBe(0);
  });
});

/** Half of it, and the connection ends. */
function cutShort({ server }: Updating, feed: Buffer): void {
  server.serve("/shunt/stable.feed", (_request, response) => {
    response.writeHead(200, { "Content-Length": feed.length });
    response.write(feed.subarray(0, feed.length / 2), () => response.destroy());
  });
}

/** The feed's own server sends the app to plain http on loopback, where a feed with the right signature waits. */
async function sendToHttp({ server }: Updating): Promise<{ readonly asked: number }> {
  const counted = { asked: 0 };
  const plain = createServer((_request, response) => {
    counted.asked++;
    response.end(whole);
  }).listen(0, "127.0.0.1");
  await once(plain, "listening");
  cleanUp(() => void plain.close());
  const location = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/shunt/stable.feed`;
  server.serve("/shunt/stable.feed", (_request, response) => response.writeHead(302, { location }).end());
  return counted;
}

describe("what is signed", () => {
  const source = readUpdateSource({
    feed: "https://updates.example.com/stable.feed",
    channel: "stable",
    publicKeys: [newSigningKey().publicKey, key.publicKey],
  });
  const keys = source.ok ? source.source.publicKeys : [];

  test("is accepted as it is, by any of the keys, and with one bit turned anywhere it is refused", () => {
    expect(openSignedManifest(whole, keys)).toMatchObject({ ok: true, value: { version: "2.0.0" } });
    fc.assert(
      fc.property(fc.nat(whole.length * 8 - 1), (bit) => {
        const turned = Buffer.from(whole);
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const opened = openSignedManifest(turned, keys);
        expect(opened.ok ? "accepted" : opened.failure.code).toMatch(/^UPDATE_(UNSIGNED|SIGNATURE_WRONG)$/);
      }),
      { numRuns: 2_000 },
    );
  });

  test("has one spelling: bits of the signature's last character that mean nothing are not let through", () => {
    const at = whole.indexOf("==\n") - 1;
    const others = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].filter(
      (letter) => letter.charCodeAt(0) !== whole[at],
    );
    for (const letter of others) {
      const spelt = Buffer.from(whole);
      spelt.write(letter, at, "latin1");
      expect(openSignedManifest(spelt, keys).ok).toBe(false);
    }
  });

  test.each([
    ["cut off anywhere", (feed: Buffer) => feed.subarray(0, -1)],
    ["with a byte more", (feed: Buffer) => Buffer.concat([feed, Buffer.from(" ")])],
    ["with CRLF", (feed: Buffer) => Buffer.from(feed.toString("latin1").replace("\n", "\r\n"), "latin1")],
    ["with nothing else", () => Buffer.alloc(0)],
  ])("is refused %s", (_how, change) => {
    expect(openSignedManifest(change(whole), keys).ok).toBe(false);
  });

  test.each([
    ["no JSON", "{"],
    ["another product", manifestOf({ product: "galvanometer" })],
    ["a version that is none", manifestOf({ version: "2.0" })],
    ["a version with a v", manifestOf({ version: "v2.0.0" })],
    ["a path for a name", manifestOf({}, { file: "../shunt.deb" })],
    ["an address for a name", manifestOf({}, { file: "https://elsewhere.example.com/x.deb" })],
    ["a hash that is none", manifestOf({}, { sha512: "00" })],
    ["a size that is none", manifestOf({}, { bytes: -1 })],
    ["no package", manifestOf({ packages: [] })],
  ])("and holds %s cannot be read", (_what, manifest) => {
    const opened = openSignedManifest(signedFeed(manifest, key), keys);
    expect(opened.ok ? "accepted" : opened.failure.code).toBe("UPDATE_MANIFEST_INVALID");
  });
});

test("a package with one bit turned anywhere is refused, and nothing of it is kept", async () => {
  const updating = await startUpdating(certificates);
  updating.server.serve("/shunt/stable.feed", whole);
  await updating.updates.check();
  await fc.assert(
    fc.asyncProperty(fc.nat(packageBytes.length * 8 - 1), async (bit) => {
      const turned = Buffer.from(packageBytes);
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      updating.server.serve(`/shunt/${packageName}`, turned);
      await updating.updates.download();
      expect(updating.outcome()).toBe("UPDATE_HASH_WRONG");
      expect(updating.files()).toEqual([]);
    }),
    { numRuns: 15 },
  );
});
