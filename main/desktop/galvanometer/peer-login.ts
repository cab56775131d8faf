/**
 * Signs in to the peers that a page polls. Chromium sends no credentials across origins and asks for none, so a peer with
 * a Basic login would count as dead. Only for reading replication: AMPS's actions are plain GETs, so with a credential on
 * every request the page of one instance could act on another.
 */
import type { OnBeforeSendHeadersListenerDetails, OnHeadersReceivedListenerDetails, Session } from "electron";
import type { Credential } from "./login-desk.ts";

interface PeerLoginNeeds {
  /** The origin of the page itself, for which Chromium asks. */
  readonly home: string;
  /** Asks once for whoever waits; null where the operator does not want to. */
  readonly answer: (
    peer: { readonly authority: string; readonly realm: string },
    refused: Credential | null,
  ) => Promise<Credential | null>;
  /** A peer asks for something that cannot be answered across origins: `Negotiate`, `NTLM`. */
  readonly onUnanswerable: (authority: string, scheme: string) => void;
}

const polled = /^\/amps\/instance(\/replication)?(\.json)?$/;
const mostRequests = 500;

interface PeerLogin {
  /** Peers whose question was cancelled are asked about again. */
  reset(): void;
}

export function signInToPeers(session: Session, needs: PeerLoginNeeds): PeerLogin {
  const known = new Map<string, Credential>();
  const declined = new Set<string>();
  /** Request id → what was sent with it. */
  const sent = new Map<number, Credential>();

  session.webRequest.onBeforeSendHeaders((details, callback) => {
    const peer = peerOf(details, needs.home);
    const credential = peer === null ? undefined : known.get(peer);
    // A redirect must not carry on what the address before it was given.
    const given = sent.get(details.id);
    const requestHeaders = given
      ? without(details.requestHeaders, basic(given))
      : { ...details.requestHeaders };
    sent.delete(details.id);
    if (!credential || hasAuthorization(requestHeaders)) return callback({ requestHeaders });
    if (sent.size > mostRequests) sent.clear();
    sent.set(details.id, credential);
    callback({ requestHeaders: { ...requestHeaders, Authorization: basic(credential) } });
  });
  session.webRequest.onHeadersReceived((details, callback) => {
    callback({});
    const refused = sent.get(details.id) ?? null;
    sent.delete(details.id);
    const peer = details.statusCode === 401 ? peerOf(details, needs.home) : null;
    if (peer === null || declined.has(peer)) return;
    // Another request has brought a newer answer meanwhile.
    if (known.has(peer) && known.get(peer) !== refused) return;
    const challenges = valuesOf(details, "www-authenticate");
    const realm = challenges.map(basicRealm).find((one) => one !== null);
    if (realm === undefined || realm === null) {
      declined.add(peer);
      return needs.onUnanswerable(peer, challenges.join(", ").split(/[ ,]/)[0] ?? "");
    }
    known.delete(peer);
    void needs.answer({ authority: peer, realm }, refused).then((credential) => {
      if (credential) known.set(peer, credential);
      else declined.add(peer);
    });
  });
  return { reset: () => declined.clear() };
}

/** `host:port` of the peer that a poll goes to, or null where a request is anything else. */
function peerOf(
  { url, method }: Pick<OnBeforeSendHeadersListenerDetails, "url" | "method">,
  home: string,
): string | null {
  if (method !== "GET") return null;
  const { origin, protocol, pathname, hostname, port } = new URL(url);
  if (origin === home || !/^https?:$/.test(protocol) || !polled.test(pathname)) return null;
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

type Headers = Readonly<Record<string, string>>;

function hasAuthorization(headers: Headers): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
}

function without(headers: Headers, authorization: string): Record<string, string> {
  const isOurs = (name: string, value: string) =>
    name.toLowerCase() === "authorization" && value === authorization;
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => !isOurs(name, value)));
}

function valuesOf({ responseHeaders = {} }: OnHeadersReceivedListenerDetails, name: string): string[] {
  return Object.entries(responseHeaders).flatMap(([one, values]) =>
    one.toLowerCase() === name ? values : [],
  );
}

/** The realm of a Basic challenge, `""` where it has none; null for other schemes. */
function basicRealm(challenge: string): string | null {
  const match = /(?:^|,\s*)basic(?:\s+([^]*))?$/i.exec(challenge);
  return match && (/realm="([^"]*)"/i.exec(match[1] ?? "")?.[1] ?? "");
}

function basic({ user, password }: Credential): string {
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}
