/** Reads JSON documents from a backend's admin endpoint, one after the other over one connection, each within its limits. */
import { request, type IncomingMessage } from "node:http";
import type { BackendConfig } from "../contract/config.ts";
import { parseEndpoint } from "../config/address.ts";
import { errorCode, errorText } from "../failures.ts";
import type { Dial } from "../forward/dial.ts";
import { PinnedAgent, ReachError } from "../http/pinned-agent.ts";

/** `unreachable` and `silent` say that asking on is useless; `refused` that the site wants a login; `unread` just this document. */
export type AdminDocument =
  | { readonly ok: true; readonly document: unknown }
  | {
      readonly ok: false;
      readonly why: "unreachable" | "silent" | "refused" | "unread";
      readonly reason: string;
    };

export interface AdminReader {
  /** Never rejects. */
  read(path: string): Promise<AdminDocument>;
  close(): void;
}

interface AdminReaderOptions {
  readonly dial: Dial;
  readonly backend: BackendConfig;
  /** For everything that this reader reads, in milliseconds. */
  readonly timeoutMs: number;
  readonly longestBytes: number;
}

export function openAdminReader({ dial, backend, timeoutMs, longestBytes }: AdminReaderOptions): AdminReader {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const agent = new PinnedAgent(async () => {
    const reply = await dial(backend, "admin", { timeoutMs, signal: deadline.signal });
    if (!reply.ok) throw new ReachError(reply.failure);
    return reply.value;
  });
  const authority = parseEndpoint("admin", backend.admin ?? "")?.authority ?? "";
  return {
    read(path) {
      if (deadline.signal.aborted) return Promise.resolve(tooLate(timeoutMs));
      return new Promise((resolve) => {
        const asking = request({
          agent,
          path,
          headers: { Host: authority, Accept: "application/json", "User-Agent": "Shunt statistics" },
          signal: deadline.signal,
        });
        asking.on("response", (response) => void readAnswer(response, path, longestBytes).then(resolve));
        asking.on("error", (error) =>
          resolve(deadline.signal.aborted ? tooLate(timeoutMs) : describeError(error, path)),
        );
        asking.end();
      });
    },
    close() {
      clearTimeout(timer);
      deadline.abort();
      agent.destroy();
    },
  };
}

function tooLate(timeoutMs: number): AdminDocument {
  return {
    ok: false,
    why: "silent",
    reason: `The statistics were not answered within ${timeoutMs / 1000} s.`,
  };
}

function describeError(error: Error, path: string): AdminDocument {
  if (error instanceof ReachError) return { ok: false, why: "unreachable", reason: error.reason.message };
  const code = errorCode(error) ?? errorText(error);
  return { ok: false, why: "silent", reason: `${path} was not answered in HTTP (${code}).` };
}

function unread(reason: string): AdminDocument {
  return { ok: false, why: "unread", reason };
}

/** Resolves when the answer is over, however it ends. */
function readAnswer(response: IncomingMessage, path: string, longestBytes: number): Promise<AdminDocument> {
  return new Promise((resolve) => {
    const status = response.statusCode ?? 0;
    const chunks: Buffer[] = [];
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= longestBytes) return void chunks.push(chunk);
      resolve(unread(`${path} is larger than ${longestBytes / 1024 / 1024} MB.`));
      response.destroy();
    });
    const brokenOff = () => resolve(unread(`${path} broke off in the middle.`));
    response.on("error", brokenOff);
    response.on("aborted", brokenOff);
    response.on("close", brokenOff);
    response.on("end", () => {
      if (status === 401 || status === 403 || status === 407)
        resolve({ ok: false, why: "refused", reason: `The statistics ask for a login (${status}).` });
      else if (status !== 200) resolve(unread(`${path} was answered with ${status}.`));
      else if (response.complete) resolve(parse(Buffer.concat(chunks).toString("utf8"), path));
      else brokenOff();
    });
  });
}

function parse(text: string, path: string): AdminDocument {
  try {
    return { ok: true, document: JSON.parse(text) as unknown };
  } catch {
    return unread(`${path} is not JSON.`);
  }
}
