/** An updater of 1.0.0 before a feed server, with a folder of its own for what it fetches. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { UpdateStage } from "../../app/contract/update.ts";
import {
  createUpdates,
  type UpdateMemory,
  type Updates,
  type UpdatesOptions,
} from "../../app/update/updates.ts";
import { readUpdateSource } from "../../app/update/update-source.ts";
import { certificatesForFile, type Certificates } from "../support/certificates.ts";
import { cleanUp } from "../support/running-engine.ts";
import { newSigningKey, serveFeed, type FeedServer } from "../support/update-feed.ts";

export const key = newSigningKey();

export function feedCertificates(): Certificates {
  return certificatesForFile((certificates) => {
    certificates.make("feed", "IP:127.0.0.1");
    certificates.make("expired", "IP:127.0.0.1", -1);
    certificates.make("elsewhere", "DNS:updates.example.com");
  });
}

export interface Updating {
  readonly updates: Updates;
  readonly server: FeedServer;
  readonly folder: string;
  /** What lies in the folder. */
  files(): readonly string[];
  stage(): UpdateStage;
  /** The code with which it failed, or what it is instead. */
  outcome(): string;
}

export interface UpdatingOptions extends Partial<UpdatesOptions> {
  /** Facts of the build that are to be different. */
  readonly facts?: object;
  readonly certificate?: string;
}

export async function startUpdating(
  certificates: Certificates,
  { facts = {}, certificate, ...options }: UpdatingOptions = {},
): Promise<Updating> {
  const server = await serveFeed(certificates, certificate);
  cleanUp(() => server.close());
  const folder = mkdtempSync(path.join(tmpdir(), "shunt-updates-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  const read = readUpdateSource({
    feed: `${server.origin}/shunt/stable.feed`,
    channel: "stable",
    publicKeys: [key.publicKey],
    authorities: [certificates.read("ca.pem").toString()],
    ...facts,
  });
  if (!read.ok) throw new Error(read.problem);
  let memory: UpdateMemory = { daily: false, askedAt: null };
  const updates = createUpdates({
    source: read.source,
    running: { version: "1.0.0", platform: "linux", arch: "x64", packaging: ".deb" },
    memory: { get: () => memory, set: (next) => (memory = next) },
    folder: () => folder,
    ...options,
  });
  const stage = () => updates.status().stage;
  return {
    updates,
    server,
    folder,
    files: () => readdirSync(folder),
    stage,
    outcome() {
      const now = stage();
      return now.is === "failed" ? now.failure.code : now.is;
    },
  };
}
