/** Fetches a package into the folder of downloads; it gets its name only once what is on the disk has the promised size and hash. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { Reply } from "../contract/commands.ts";
import { accept, errorCode, errorText, refuse } from "../failures.ts";
import { fetchHttps, type FetchLimits } from "./fetch-https.ts";
import type { Offer } from "./judge-manifest.ts";
import type { UpdateSource } from "./update-source.ts";

interface PackageWish {
  readonly source: UpdateSource;
  readonly offer: Offer;
  readonly folder: string;
  readonly limits: Omit<FetchLimits, "bytes">;
  readonly signal: AbortSignal;
  readonly onProgress: (receivedBytes: number) => void;
}

/** Resolves with its path. Leaves nothing behind where it fails: what `fetchHttps` says, UPDATE_SIZE_WRONG, UPDATE_HASH_WRONG, UPDATE_NOT_SAVED. */
export async function savePackage(wish: PackageWish): Promise<Reply<string>> {
  const { file } = wish.offer.release;
  const wanted = path.join(wish.folder, file);
  // Fetched before: then it is judged as it lies there.
  const there = await judgeFile(wanted, wish.offer).catch(() => null);
  if (there?.ok) return accept(wanted);
  const part = path.join(wish.folder, `${file}.${randomBytes(6).toString("hex")}.part`);
  try {
    await mkdir(wish.folder, { recursive: true });
    const fetched = await fetchInto(part, wish);
    if (!fetched.ok) return fetched;
    const judged = await judgeFile(part, wish.offer);
    if (!judged.ok) return judged;
    return accept(await giveName(part, wanted));
  } catch (error) {
    return refuse("UPDATE_NOT_SAVED", `${file} could not be saved in ${wish.folder}: ${errorText(error)}.`);
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

async function fetchInto(part: string, wish: PackageWish): Promise<Reply<null>> {
  const { source, offer, limits, signal, onProgress } = wish;
  const disk = await open(part, "wx", 0o600);
  try {
    let received = 0;
    const fetched = await fetchHttps({
      url: new URL(offer.release.file, source.feed),
      authorities: source.authorities,
      limits: { ...limits, bytes: offer.release.bytes },
      signal,
      take: async (chunk) => {
        await disk.writeFile(chunk);
        onProgress((received += chunk.length));
      },
    });
    if (fetched.ok) await disk.sync();
    return !fetched.ok && fetched.failure.code === "UPDATE_TOO_LARGE" ? wrongSize(offer, "more") : fetched;
  } finally {
    await disk.close();
  }
}

/** Reads what is on the disk: a full one, or another program, may have left something else there than what arrived. */
async function judgeFile(part: string, { release, sha512 }: Offer): Promise<Reply<null>> {
  const hash = createHash("sha512");
  const reading = createReadStream(part);
  await pipeline(reading, hash);
  if (reading.bytesRead !== release.bytes) return wrongSize({ release }, `${reading.bytesRead}`);
  if (hash.digest("hex") === sha512) return accept(null);
  return refuse(
    "UPDATE_HASH_WRONG",
    `${release.file} is not the file that was signed: its SHA-512 is another.`,
  );
}

function wrongSize({ release }: Pick<Offer, "release">, has: string): Reply<null> {
  return refuse("UPDATE_SIZE_WRONG", `${release.file} has ${has} bytes, and ${release.bytes} were signed.`);
}

/** Never in place of a file that is there: then `NAME (2).deb`, and so on. */
async function giveName(part: string, wanted: string): Promise<string> {
  const { dir, name, ext } = path.parse(wanted);
  for (let copy = 1; ; copy++) {
    const final = copy === 1 ? wanted : path.join(dir, `${name} (${copy})${ext}`);
    let place: FileHandle;
    try {
      place = await open(final, "wx", 0o600);
    } catch (error) {
      if (errorCode(error) === "EEXIST" && copy < 100) continue;
      throw error;
    }
    await place.close();
    try {
      await rename(part, final);
    } catch (error) {
      await rm(final, { force: true });
      throw error;
    }
    return final;
  }
}
