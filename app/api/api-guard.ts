/**
 * Who may speak to the local API: only under its own names, only pages of its own origin, only with the token. Cookies
 * ignore ports, so there are none (design section 5, reliability S2 and S3).
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { formatHostPort, isLoopback, isWildcard, type HostPort } from "../config/address.ts";
import { ownAddresses } from "../own-addresses.ts";

/** Wrong tokens beyond this many make the next answers wait. */
const freeMistakes = 10;
const mistakeDelayMs = 1_000;

export interface ApiGuard {
  readonly token: string;
  /** Why a request is refused before its token is looked at, or null. */
  foreign(request: IncomingMessage): string | null;
  /** Resolves whether a token is the right one; slows down after repeated mistakes. */
  isToken(candidate: string | undefined): Promise<boolean>;
  /** The token of an `Authorization: Bearer …` header. */
  bearer(request: IncomingMessage): string | undefined;
}

export function makeToken(): string {
  return randomBytes(32).toString("base64url");
}

/** The names of a bound address: itself, and on loopback or every interface what else leads there, each with its port. */
function namesOf({ host, port }: HostPort): ReadonlySet<string> {
  const hosts = [host];
  if (isLoopback(host) || isWildcard(host)) hosts.push("127.0.0.1", "localhost", "::1");
  if (isWildcard(host)) {
    hosts.push(...ownAddresses().map(({ address }) => address.toLowerCase()));
  }
  const names = hosts.map((name) => formatHostPort({ host: name.toLowerCase(), port }));
  return new Set(port === 80 ? [...names, ...names.map((name) => name.replace(/:80$/, ""))] : names);
}

/** `address` is the bound one. Names are compared as they are written: resolvers would fold `127.1` and `0x7f.1`. */
export function createApiGuard(address: HostPort, token: string): ApiGuard {
  if (token === "") throw new Error("An empty token would let everybody in.");
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(token);
  let mistakes = 0;
  return {
    token,
    foreign(request) {
      const named = request.rawHeaders.filter(
        (name, at) => at % 2 === 0 && name.toLowerCase() === "host",
      ).length;
      const { host, origin } = request.headers;
      const hosts = namesOf(address);
      if (named !== 1 || host === undefined || !hosts.has(host.toLowerCase()))
        return "This address is not one of the API's own names.";
      if (origin !== undefined && !hosts.has(origin.replace(/^http:\/\//, "")))
        return "Pages of other origins may not use the API.";
      const site = request.headers["sec-fetch-site"];
      return site === "cross-site" || site === "same-site" ? "Another site caused this request." : null;
    },
    async isToken(candidate) {
      if (candidate !== undefined && timingSafeEqual(digest(candidate), expected)) {
        mistakes = 0;
        return true;
      }
      if (++mistakes > freeMistakes) await new Promise((resolve) => setTimeout(resolve, mistakeDelayMs));
      return false;
    },
    bearer: (request) => /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1],
  };
}
