/**
 * `app/http/read-only.ts` as an ordered list of regular expressions for engines, without lookaheads. Never looser than
 * Shunt: what would need decoding first counts as an action.
 */

/** Without percent signs and semicolons, which servers may read in their own way. */
const segment = "[A-Za-z0-9._~!$&'()*+,=:@-]+";
const formats = "(\\.(json|xml|csv|rnc))*";
const words =
  "downgrade|upgrade|reconnect|disconnect|enable|disable|enable_proxied_transfer|disable_proxied_transfer|reset|compact|compress|archive|remove|minidump|dump";

export const readingMethods: readonly string[] = ["GET", "HEAD", "OPTIONS"];

interface PathRule {
  /** On the backend's path, without query; in any case. */
  readonly pattern: string;
  readonly reads: boolean;
}

/** The first that matches decides; a path that none matches counts as an action. */
export const pathRules: readonly PathRule[] = [
  { pattern: `^/amps/.*/(${words})([^a-z0-9_/][^/]*)?(/|$)`, reads: false },
  { pattern: `^/amps${formats}/?$`, reads: true },
  { pattern: `^/amps/(host|instance)${formats}/?$`, reads: true },
  { pattern: `^/amps/(host|instance)(/${segment})+/?$`, reads: true },
  {
    pattern: `^/amps/administrator/authorization/entitlement/transports?/${segment}/check${formats}$`,
    reads: true,
  },
  { pattern: "^/amps([./].*)?$", reads: false },
  { pattern: `^/(${segment}(/${segment})*/?)?$`, reads: true },
];

/** What an engine decides with these rules. */
export function rulesAllow(method: string, path: string): boolean {
  if (!readingMethods.includes(method)) return false;
  return pathRules.find(({ pattern }) => new RegExp(pattern, "i").test(path))?.reads ?? false;
}
