/** A video of a page: the frames that Chromium shows, each for as long as it was shown, put together by ffmpeg. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";

interface Frame {
  readonly file: string;
  /** Seconds, on a clock of Chromium's. */
  readonly at: number;
}

interface Recording {
  /** Ends it, and writes a WebM (VP9). */
  save(file: string, ffmpeg: string): Promise<void>;
}

export async function record(page: Page): Promise<Recording> {
  const folder = await mkdtemp(path.join(tmpdir(), "shunt-tour-"));
  const frames: Frame[] = [];
  const session = await page.context().newCDPSession(page);
  const writing: Promise<void>[] = [];
  session.on("Page.screencastFrame", ({ data, metadata, sessionId }) => {
    const file = path.join(folder, `${String(frames.length).padStart(5, "0")}.png`);
    frames.push({ file, at: metadata.timestamp ?? Date.now() / 1_000 });
    writing.push(writeFile(file, Buffer.from(data, "base64")));
    void session.send("Page.screencastFrameAck", { sessionId }).catch(() => undefined);
  });
  await session.send("Page.startScreencast", { format: "png" });
  return {
    async save(file, ffmpeg) {
      const endedAt = Date.now() / 1_000;
      await session.send("Page.stopScreencast");
      await Promise.all(writing);
      const list = path.join(folder, "frames.txt");
      await writeFile(list, listOf(frames, endedAt));
      const input = ["-f", "concat", "-safe", "0", "-i", list];
      const picture = ["-vf", "fps=10,format=yuv420p", "-c:v", "libvpx-vp9", "-crf", "36", "-b:v", "0"];
      const effort = ["-row-mt", "1", "-deadline", "good", "-cpu-used", "4"];
      await promisify(execFile)(ffmpeg, ["-y", "-loglevel", "error", ...input, ...picture, ...effort, file]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What ffmpeg's concat demuxer reads; it wants the last one twice. */
function listOf(frames: readonly Frame[], endedAt: number): string {
  const lines = frames.flatMap(({ file, at }, index) => {
    const until = frames[index + 1]?.at ?? endedAt;
    return [`file '${file}'`, `duration ${Math.max(0.01, until - at).toFixed(3)}`];
  });
  const last = frames.at(-1);
  return [...lines, ...(last ? [`file '${last.file}'`] : []), ""].join("\n");
}
