/** The session of one Galvanometer window: in memory, all its traffic through Shunt, nothing granted. */
import { session as sessions, type Certificate, type Session } from "electron";
import type { Reply } from "../../../app/contract/commands.ts";
import type { OpenedGalvanometer } from "../../../app/galvanometer/galvanometers.ts";
import type { Asked } from "../../../app/galvanometer/judge-request.ts";
import { governElsewhere } from "../hardening.ts";
import { governDownloads } from "./downloads.ts";
import { sendThroughProxy } from "./proxy-barrier.ts";
import { answerShuntPage } from "./shunt-page.ts";
import { makeTrustBook } from "./trust-book.ts";

interface SessionNeeds {
  readonly judge: (asked: Asked) => Promise<Reply<null>>;
  /** Why a request was stopped before it left the window: `host` or a whole URL → one sentence. */
  readonly onStopped: (key: string, reason: string) => void;
  readonly log: (message: string) => void;
}

/** Prepared, proxied and primed. Rejects where that cannot be had. */
export async function prepareSession(opened: OpenedGalvanometer, needs: SessionNeeds): Promise<Session> {
  const { backend, backends } = opened;
  const trust = makeTrustBook(backend, backends, needs.log);
  const session = sessions.fromPartition(`galvanometer-${backend.id}-${trust.fingerprint}-${opened.id}`, {
    cache: false,
  });
  governElsewhere(session);
  session.setSpellCheckerLanguages([]);
  allowLittle(session, needs.log);
  session.setCertificateVerifyProc((request, callback) => {
    const problem = trust.problem(request.hostname, chainOf(request.certificate), new Date());
    if (problem !== null) needs.onStopped(request.hostname, `Its certificate was refused: ${problem}.`);
    // -3 keeps Chromium's own verdict, so it must not be given where that is good and ours is not.
    callback(problem === null ? 0 : request.errorCode === 0 ? -2 : -3);
  });
  session.protocol.handle("shunt", (request) => answerShuntPage(request.url));
  fenceRequests(session, needs);
  governDownloads(session, needs.log);
  signOnByItself(session, opened);
  await sendThroughProxy(session, opened);
  return session;
}

function chainOf(certificate: Certificate): readonly string[] {
  const chain: string[] = [];
  for (let one: Certificate | undefined = certificate; one && chain.length < 10; one = one.issuerCert)
    chain.push(one.data);
  return chain;
}

/**
 * Kerberos and NTLM by the operator's own login, for the opened instance alone: the name that it is known by in the
 * domain is the name in the address. A peer, or a name from statistics, gets none of it.
 */
function signOnByItself(session: Session, { address }: OpenedGalvanometer): void {
  session.allowNTLMCredentialsForDomains(new URL(address).hostname);
}

/** The forward proxy is the fence around the network, so what Chromium asks about local networks may be granted. */
const granted = new Set([
  "fullscreen",
  "clipboard-sanitized-write",
  "local-network",
  "local-network-access",
  "loopback-network",
]);

function allowLittle(session: Session, log: (message: string) => void): void {
  session.setPermissionRequestHandler((_contents, permission, callback) => {
    if (!granted.has(permission)) log(`permission ${permission} denied to a Galvanometer`);
    callback(granted.has(permission));
  });
  session.setPermissionCheckHandler((_contents, permission) => granted.has(permission));
  session.setDevicePermissionHandler(() => false);
}

/** Needs no network, or is Shunt's own. */
const inert = new Set(["data:", "blob:", "about:", "shunt:", "devtools:"]);
/** Judged by the forward proxy, which answers with a page that says why not. Inside TLS it sees nothing. */
const seenByProxy = new Set(["http:", "ws:"]);

function fenceRequests(session: Session, needs: SessionNeeds): void {
  session.webRequest.onBeforeRequest((details, callback) => {
    // A throw in here would leave the request hanging.
    judgeUrl(details.url, details.method, needs.judge).then(
      (problem) => {
        if (problem !== null) needs.onStopped(details.url, problem);
        callback({ cancel: problem !== null });
      },
      () => callback({ cancel: true }),
    );
  });
}

async function judgeUrl(url: string, method: string, judge: SessionNeeds["judge"]): Promise<string | null> {
  const { protocol, host, pathname, search, username, password } = new URL(url);
  if (inert.has(protocol) || seenByProxy.has(protocol)) return null;
  const scheme = { "https:": "https", "wss:": "wss" }[protocol] as "https" | "wss" | undefined;
  if (scheme === undefined || username + password !== "") return "This kind of address is not opened here.";
  const verdict = await judge({ scheme, method, authority: host, target: `${pathname}${search}` });
  return verdict.ok ? null : `${verdict.failure.message} ${verdict.failure.advice}`;
}
