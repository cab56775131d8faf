/** Fetches over https alone: the certificate verified, every wait bounded, no more than so many bytes, nothing else followed. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { rootCertificates } from "node:tls";
import type { Reply } from "../contract/commands.ts";
import type { Failure } from "../contract/failures.ts";
import { accept, errorCode, errorText, failure, refuse } from "../failures.ts";
import { describeTcpError } from "../forward/open-tcp.ts";
import { describeTlsError } from "../forward/secure.ts";

export interface FetchLimits {
  /** Without a byte, from the look-up of the name on. */
  readonly idleMs: number;
  /** For all of it, redirects too. */
  readonly wholeMs: number;
  readonly bytes: number;
}

interface Fetching {
  readonly url: URL;
  readonly authorities: readonly string[];
  readonly limits: FetchLimits;
  readonly signal: AbortSignal;
  /** Gets the body piece by piece; the next one waits for it. What it throws is thrown on. */
  readonly take: (chunk: Buffer) => Promise<void>;
}

const mostRedirects = 3;

/** UPDATE_NOT_HTTPS, UPDATE_UNREACHABLE, UPDATE_SERVER_UNTRUSTED, UPDATE_TOO_LARGE, UPDATE_CUT_SHORT. */
export async function fetchHttps(fetching: Fetching): Promise<Reply<null>> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, fetching.limits.wholeMs);
  fetching.signal.addEventListener("abort", end);
  if (fetching.signal.aborted) end();
  try {
    const answer = await openAnswer(fetching, ending.signal);
    if (!answer.ok) return answer;
    return await readBody(answer.value, fetching);
  } finally {
    clearTimeout(timer);
    fetching.signal.removeEventListener("abort", end);
    end();
  }
}

/** The answer that is no redirect. */
async function openAnswer(fetching: Fetching, signal: AbortSignal): Promise<Reply<IncomingMessage>> {
  let url = fetching.url;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    if (url.protocol !== "https:")
      return refuse("UPDATE_NOT_HTTPS", `${url.protocol}//${url.host} is not asked: only https is.`);
    const asked = await ask(url, fetching, signal);
    if (!asked.ok) return asked;
    const answer = asked.value;
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) return asked;
    answer.destroy();
    const next = [301, 302, 303, 307, 308].includes(statusCode) ? headers.location : undefined;
    if (next === undefined)
      return refuse("UPDATE_UNREACHABLE", `${url.host} answered with status ${statusCode}.`);
    try {
      url = new URL(next, url);
    } catch {
      return refuse("UPDATE_UNREACHABLE", `${url.host} redirects to what is no address.`);
    }
  }
  return refuse("UPDATE_UNREACHABLE", `${fetching.url.host} redirects more than ${mostRedirects} times.`);
}

async function ask(url: URL, fetching: Fetching, signal: AbortSignal): Promise<Reply<IncomingMessage>> {
  const asking = request(url, {
    agent: false,
    ca: [...rootCertificates, ...fetching.authorities],
    // Said aloud: an environment variable can turn the default off.
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    headers: { "Accept-Encoding": "identity" },
    timeout: fetching.limits.idleMs,
    signal,
  });
  asking.on("timeout", () => asking.destroy(new Error("timed out")));
  // For what comes after the answer; its reader has its own.
  asking.on("error", () => undefined);
  asking.end();
  try {
    const [answer] = (await once(asking, "response")) as [IncomingMessage];
    return accept(answer);
  } catch (error) {
    return { ok: false, failure: describe(error as Error, url) };
  }
}

async function readBody(answer: IncomingMessage, { limits, take, url }: Fetching): Promise<Reply<null>> {
  const tooLarge = () =>
    refuse<null>("UPDATE_TOO_LARGE", `${url.host} sends more than the ${limits.bytes} bytes that are taken.`);
  if (Number(answer.headers["content-length"] ?? 0) > limits.bytes) return tooLarge();
  let received = 0;
  const chunks = (answer as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  for (;;) {
    // Apart from `take`, whose own errors are not the network's.
    const next = await chunks.next().catch(() => null);
    if (next === null || (next.done && !answer.complete))
      return refuse("UPDATE_CUT_SHORT", `${url.host} ended, or fell silent, after ${received} bytes.`);
    if (next.done) return accept(null);
    received += next.value.length;
    if (received > limits.bytes) return tooLarge();
    await take(next.value);
  }
}

function describe(error: Error, url: URL): Failure {
  const code = errorCode(error) ?? "";
  if (code === "ABORT_ERR" || error.message === "timed out")
    return failure("UPDATE_UNREACHABLE", `${url.host} did not answer in time.`);
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|INVALID_CA|EPROTO)/.test(code))
    return failure("UPDATE_SERVER_UNTRUSTED", describeTlsError(error, url.host, url.hostname).message);
  const address = { host: url.hostname, port: Number(url.port || 443) };
  if (code === "")
    return failure("UPDATE_UNREACHABLE", `${url.host} could not be asked: ${errorText(error)}.`);
  return failure("UPDATE_UNREACHABLE", describeTcpError(error, address).message);
}
