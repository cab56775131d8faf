/**
 * Which admin requests only read. AMPS's administrative actions are plain GETs, one of them without an action word, so
 * this is an allow-list over the canonical path (amps-facts 4.5), not a list of what is forbidden.
 */
import type { BackendConfig } from "../contract/config.ts";

const formats = /(\.(json|xml|csv|rnc))+$/;
const actionWords = new Set([
  "downgrade",
  "upgrade",
  "reconnect",
  "disconnect",
  "enable",
  "disable",
  "enable_proxied_transfer",
  "disable_proxied_transfer",
  "reset",
  "compact",
  "compress",
  "archive",
  "remove",
  "minidump",
  "dump",
]);
/** What no path of the statistics holds, and what servers may cut a path off at once they have decoded it. */
// eslint-disable-next-line no-control-regex
const doubtful = /[;?#%\u0000-\u001f\u007f-\uffff]/;
const check = /^\/amps\/administrator\/authorization\/entitlement\/transports?\/[^/]+\/check$/;

/** A backend that allows only reading refuses the rest itself: AMPS's actions are plain GETs. */
export function isReadOnly(backend: BackendConfig): boolean {
  return (backend.adminAccess ?? (backend.environment === "prod" ? "read-only" : "full")) === "read-only";
}

/** The path as the strictest reader would see it: decoded, dot segments, double slashes and formats removed, lower case. */
export function canonicalPath(path: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  const kept: string[] = [];
  for (const segment of decoded.replace(/\\/g, "/").split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment.trim());
  }
  const segments = kept.map((segment) => segment.toLowerCase());
  // `disconnect/.json` may be the same to the server as `disconnect.json`: a segment that is only a format is none.
  while (segments.length > 0) {
    const last = (segments.pop() ?? "").replace(formats, "");
    if (last === "") continue;
    segments.push(last);
    break;
  }
  return `/${segments.join("/")}`;
}

/** True when a request to an admin endpoint can change nothing. `path` is the backend's, without query or prefix. */
export function readsOnly(method: string, path: string): boolean {
  if (method !== "GET" && method !== "HEAD" && method !== "OPTIONS") return false;
  const canonical = canonicalPath(path);
  if (canonical === null || doubtful.test(canonical)) return false;
  if (canonical !== "/amps" && !canonical.startsWith("/amps/")) return !canonical.startsWith("/amps.");
  if (check.test(canonical)) return true;
  const segments = canonical.split("/");
  if (segments.length > 2 && segments[2] !== "host" && segments[2] !== "instance") return false;
  // `downgrade.html` and `downgrade ` may be the same action to the server.
  return !actionWords.has(/^[a-z0-9_]*/.exec(segments.at(-1) ?? "")?.[0] ?? "");
}
