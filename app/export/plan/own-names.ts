/** `app/http/origin-guard.ts` as regular expressions for engines, anchored and without lookaheads. Never looser than Shunt. */
import { isLoopback, isWildcard } from "../../config/address.ts";
import { splitHost, type ListenerNames, type SplitHost } from "../../http/origin-guard.ts";

const octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const loopback = `(127\\.${octet}\\.${octet}\\.${octet}|localhost|\\[::1\\])`;
const anyPort = "(:[0-9]{1,5})?";

/** Escapes what means something to PCRE or RE2. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => (char === "/" || char === "-" ? char : `\\${char}`));
}

function nameOf({ name }: SplitHost): string {
  return escapeRegex(name.includes(":") ? `[${name}]` : name);
}

function portOf(port: number, defaultPort: number): string {
  return port === defaultPort ? `(:${port})?` : `:${port}`;
}

/** What a Host line must match, in lower case. */
export function hostPatterns({ address, secure, hosts }: ListenerNames): readonly string[] {
  const defaultPort = secure ? 443 : 80;
  const port = portOf(address.port, defaultPort);
  const isSaid = isWildcard(address.host) || isLoopback(address.host);
  const own = isSaid ? [] : [nameOf({ name: address.host.toLowerCase(), port: null })];
  const listed = hosts
    .map(splitHost)
    .filter((host) => host !== null)
    .map((host) => `${nameOf(host)}${host.port === null ? anyPort : portOf(host.port, defaultPort)}`);
  return unique([
    `^${loopback}${port}$`,
    ...own.map((name) => `^${name}${port}$`),
    ...listed.map((one) => `^${one}$`),
  ]);
}

/** What an Origin line must match where there is one. */
export function originPatterns({ address, hosts, origins }: ListenerNames): readonly string[] {
  const isSaid = isWildcard(address.host) || isLoopback(address.host);
  const own = isSaid ? [] : [{ name: address.host.toLowerCase(), port: address.port }];
  const listed = [...own, ...hosts.map(splitHost).filter((host) => host !== null)].flatMap((host) => {
    const name = nameOf(host);
    if (host.port === null || (host.name.endsWith(".localhost") && !own.includes(host as never)))
      return [`^https?://${name}${anyPort}$`];
    const schemes = [`^https?://${name}:${host.port}$`];
    if (host.port === 80) schemes.push(`^http://${name}$`);
    if (host.port === 443) schemes.push(`^https://${name}$`);
    return schemes;
  });
  return unique([
    `^https?://${loopback}${anyPort}$`,
    ...listed,
    ...origins.map((origin) => `^${escapeRegex(origin)}$`),
  ]);
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}

/** A backend on a scheme's own port may leave it out. */
export function sameAuthority(authority: string): string {
  const bare = /^(.*):(80|443)$/.exec(authority);
  return bare ? `${escapeRegex(bare[1] ?? "")}(?::${bare[2]})?` : escapeRegex(authority);
}

/** A request line whose target can be read in one way only (`app/http/request-target.ts`); judged on `GET /x HTTP/1.1`. */
export const badRequestLines: readonly string[] = [
  "^[^ ]+ [^/]",
  "^[^ ]+ //",
  "^[^ ]+ [^ ]*#",
  "^[^ ]+ [^ ?]*\\\\",
  "^[^ ]+ [^ ?]*%([^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f])",
  "^[^ ]+ [^ ?]*%(2[fFeE5]|5[cC]|0[0aAdD])",
  "^[^ ]+ [^ ?]*/\\.\\.?(;[^/ ?]*)?(/|\\?| )",
  "^[^ ]+ [^ ]*[^!-~ ]",
];
