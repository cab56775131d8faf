/** A browser with a profile of its own, all of whose traffic goes through one scope of the forward proxy. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { errorCode } from "../../app/failures.ts";
import type { OpenedGalvanometer } from "../../app/galvanometer/galvanometers.ts";
import { withdrawSecrets } from "../../app/tunnels/secret-source.ts";

interface BrowserProfile {
  /** Resolves when the browser has ended: with what went wrong, or null where it was closed. */
  readonly ended: Promise<string | null>;
  close(): void;
}

/** What makes a Chromium use the proxy for everything, and ask for nothing by itself. */
function browserArguments(proxyPort: number, profile: string): readonly string[] {
  return [
    `--user-data-dir=${profile}`,
    `--proxy-server=127.0.0.1:${proxyPort}`,
    // Loopback too: otherwise pages could read this machine's own services.
    "--proxy-bypass-list=<-loopback>",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--no-pings",
  ];
}

/** A browser has no use for the secrets of tunnels. */
function browserEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  withdrawSecrets(env);
  return env;
}

interface BrowserStart {
  readonly program: string;
  readonly extra: readonly string[];
}

export function openBrowserProfile(
  opened: OpenedGalvanometer,
  { program, extra }: BrowserStart,
): BrowserProfile {
  const profile = mkdtempSync(join(tmpdir(), "shunt-galvanometer-"));
  // The credential travels over a pipe: a command line can be read by every process.
  const child = spawn(
    program,
    [...browserArguments(opened.proxyPort, profile), "--remote-debugging-pipe", ...extra, "about:blank"],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], env: browserEnvironment() },
  );
  let isClosing = false;
  const ended = new Promise<string | null>((resolve) => {
    child.once("error", (error) =>
      resolve(`cannot be started (${errorCode(error) ?? error.message}); name another with --browser PATH`),
    );
    child.once("exit", (code, signal) =>
      resolve(code === 0 || isClosing ? null : `ended with ${signal ?? `exit code ${code}`}`),
    );
  }).then((trouble) => {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return trouble;
  });
  void signIn(child, opened);
  return {
    ended,
    close() {
      isClosing = true;
      child.kill();
    },
  };
}

interface Incoming {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly result?: Record<string, unknown>;
  readonly params?: Record<string, unknown>;
}

/** Shows the browser its credential once, on an address of the proxy's own, and then the page. */
async function signIn(child: ChildProcess, { user, password, address }: OpenedGalvanometer): Promise<void> {
  const [, , , toBrowser, fromBrowser] = child.stdio as unknown as [null, null, null, Writable, Readable];
  toBrowser.on("error", () => undefined);
  fromBrowser.on("error", () => undefined);
  const waiting = new Map<number, (result: Record<string, unknown>) => void>();
  let asked = 0;
  const ask = (method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      asked += 1;
      waiting.set(asked, resolve);
      toBrowser.write(`${JSON.stringify({ id: asked, method, params, ...(sessionId && { sessionId }) })}\0`);
    });
  readMessages(fromBrowser, ({ id, method, params, result, sessionId }) => {
    if (id !== undefined) {
      waiting.get(id)?.(result ?? {});
      waiting.delete(id);
    }
    const requestId = params?.["requestId"];
    if (method === "Fetch.requestPaused") void ask("Fetch.continueRequest", { requestId }, sessionId);
    if (method === "Fetch.authRequired") {
      // An instance that asks for a user is for the operator to answer.
      const isProxy = (params?.["authChallenge"] as { source?: string } | undefined)?.source === "Proxy";
      const authChallengeResponse = isProxy
        ? { response: "ProvideCredentials", username: user, password }
        : { response: "Default" };
      void ask("Fetch.continueWithAuth", { requestId, authChallengeResponse }, sessionId);
    }
  });
  const targetId = await firstPage(ask);
  const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
  const session = sessionId as string;
  const patterns = [{ urlPattern: "*" }];
  await ask("Fetch.enable", { handleAuthRequests: true, patterns }, session);
  await ask("Page.navigate", { url: "http://shunt.invalid/prime" }, session);
  await showPage(ask, { targetId, session, address });
  await ask("Fetch.disable", {}, session);
  await ask("Target.detachFromTarget", { sessionId });
}

type Ask = (method: string, params?: object, session?: string) => Promise<Record<string, unknown>>;

const pageWaitMs = 50;
const mostPageWaits = 200;
const settleMs = 500;

/** The browser answers before its first window is there. */
async function firstPage(ask: Ask): Promise<string> {
  for (let waits = 0; waits < mostPageWaits; waits += 1) {
    const { targetInfos } = await ask("Target.getTargets");
    const infos = (targetInfos ?? []) as readonly { readonly type: string; readonly targetId: string }[];
    const page = infos.find((one) => one.type === "page");
    if (page) return page.targetId;
    await new Promise((resolve) => setTimeout(resolve, pageWaitMs));
  }
  const { targetId } = await ask("Target.createTarget", { url: "about:blank" });
  return String(targetId);
}

interface Showing {
  readonly targetId: string;
  readonly session: string;
  readonly address: string;
}

/** The browser's own first navigation may come after ours and take its place: then once more. */
async function showPage(ask: Ask, { targetId, session, address }: Showing): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await ask("Page.navigate", { url: address }, session);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const { targetInfo } = await ask("Target.getTargetInfo", { targetId });
    if ((targetInfo as { readonly url?: string } | undefined)?.url !== "about:blank") return;
  }
}

/** Messages of the pipe end in NUL. */
function readMessages(from: Readable, take: (message: Incoming) => void): void {
  let held = "";
  from.setEncoding("utf8");
  from.on("data", (text: string) => {
    const parts = (held + text).split("\0");
    held = parts.pop() ?? "";
    for (const part of parts) take(JSON.parse(part) as Incoming);
  });
}
