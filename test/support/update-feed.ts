/** A feed server on loopback with a certificate of the test's own authority, and releases signed by a key of the test's. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificates } from "./certificates.ts";

interface SigningKey {
  readonly privateKey: KeyObject;
  /** As `updates.publicKeys` has it. */
  readonly publicKey: string;
}

export function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { privateKey, publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64") };
}

export function signedFeed(manifest: unknown, { privateKey }: SigningKey): Buffer {
  const signed = Buffer.from(typeof manifest === "string" ? manifest : JSON.stringify(manifest));
  const signature = sign(null, signed, privateKey).toString("base64");
  return Buffer.concat([Buffer.from(`shunt-update-1 ed25519 ${signature}\n`), signed]);
}

export const packageName = "shunt-2.0.0-linux-amd64.deb";
export const packageBytes = Buffer.alloc(300_000, "a package of Shunt ");

/** A manifest of 2.0.0 for Linux on x64, with what is to be different in it. */
export function manifestOf(different: object = {}, differentPackage: object = {}) {
  const sha512 = createHash("sha512").update(packageBytes).digest("hex");
  const one = { platform: "linux", arch: "x64", file: packageName, bytes: packageBytes.length, sha512 };
  return {
    product: "shunt",
    version: "2.0.0",
    channel: "stable",
    released: "2026-11-20",
    packages: [{ ...one, ...differentPackage }],
    ...different,
  };
}

export interface FeedServer {
  readonly origin: string;
  /** Paths in the order in which they were asked for. */
  readonly asked: readonly string[];
  /** What is served at a path: bytes, or an answer of the test's own. */
  serve(path: string, what: Buffer | RequestListener): void;
  close(): Promise<void>;
}

/** `name`: the certificate that it shows, made by `certificates`. */
export async function serveFeed(certificates: Certificates, name = "feed"): Promise<FeedServer> {
  const served = new Map<string, Buffer | RequestListener>();
  const asked: string[] = [];
  const tls = { cert: certificates.read(`${name}.pem`), key: certificates.read(`${name}.key`) };
  const server = createServer(tls, (request, response) => {
    asked.push(request.url ?? "");
    const what = served.get(request.url ?? "");
    if (typeof what === "function") what(request, response);
    else if (what) response.end(what);
    else response.writeHead(404).end();
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    serve: (path, what) => void served.set(path, what),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
