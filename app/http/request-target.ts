/** Request targets that can be read in one way only; everything else is refused before any decision is made on it. */

/** Why a target is ambiguous, or null if it is plain. Only the path is judged: a query is the backend's affair. */
export function targetProblem(target: string): string | null {
  if (!target.startsWith("/")) return "is not a path";
  if (target.includes("#")) return "has a fragment";
  const path = pathOf(target);
  if (path.includes("\\")) return "has a backslash";
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f-\uffff]/.test(target)) return "has a blank, control or non-ASCII character";
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return "has a percent sign that encodes nothing";
  if (/%(2f|5c|00|0d|0a|2e|25)/i.test(path)) return "encodes a slash, dot, percent sign, line break or NUL";
  if (path.startsWith("//")) return "begins with two slashes";
  if (/\/\.\.?(;[^/]*)?(\/|$)/.test(path)) return "has a dot segment";
  return null;
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}

/** True when `path` is `prefix` or below it, on a segment border. `/` is above everything. */
export function isUnder(path: string, prefix: string): boolean {
  return prefix === "/" || path === prefix || (path.startsWith(prefix) && path[prefix.length] === "/");
}

/** The target without the route's prefix; the rest byte for byte. */
export function stripPrefix(target: string, prefix: string): string {
  if (prefix === "/") return target;
  const rest = target.slice(prefix.length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}
