/** Conditions of HAProxy's that a route can stand for: a path prefix, a Host name, or both; a TLS server name. Pure. */
import { readOneLabel, readServerName, readWildcard } from "../server-names.ts";
import type { Line } from "./parse-haproxy.ts";

export interface Matches {
  /** Null: any. */
  readonly paths: readonly string[] | null;
  readonly hosts: readonly string[] | null;
  readonly names: readonly string[] | null;
  /** A name is a wildcard of any depth. */
  readonly isDeep?: boolean;
}

const anything: Matches = { paths: null, hosts: null, names: null };

/** Acls by name; null for those that ask for something else. */
type Acls = ReadonlyMap<string, Matches | null>;

export function readAcls(lines: readonly Line[]): Acls {
  const acls = new Map<string, Matches | null>();
  for (const { words } of lines) {
    const [keyword, name = "", ...test] = words;
    if (keyword !== "acl") continue;
    const read = readTest(test);
    // Lines of one name are alternatives.
    acls.set(name, acls.has(name) ? either(acls.get(name) ?? null, read) : read);
  }
  return acls;
}

/** The words behind a directive: `if A B`, `if { path_beg /x }`, or none. Null where it is none of these. */
export function readCondition(words: readonly string[], acls: Acls): Matches | null {
  const [first, ...rest] = words;
  if (first === undefined) return anything;
  if (first !== "if") return null;
  let all: Matches | null = anything;
  for (let at = 0; at < rest.length && all; at++) {
    const word = rest[at] as string;
    if (word !== "{" && word !== "!{") {
      all = both(all, acls.get(word) ?? null);
      continue;
    }
    const end = rest.indexOf("}", at);
    const test = rest.slice(at + 1, end < 0 ? rest.length : end);
    at = end < 0 ? rest.length : end;
    // As Shunt exports it: the first route that matches counts.
    if (word === "!{" && test.join(" ") === "var(txn.route) -m found") continue;
    all = word === "{" ? both(all, readTest(test)) : null;
  }
  return all;
}

function readTest(test: readonly string[]): Matches | null {
  const [what = "", ...rest] = test;
  let way = /^(?:path|hdr|req\.hdr)_(beg|dir)\b/.exec(what)?.[1] ?? "str";
  const values: string[] = [];
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] as string;
    if (word === "-m") way = rest[++at] ?? "";
    else if (word.startsWith("-") && word !== "-i") return null;
    else if (word !== "-i") values.push(word);
  }
  if (values.length === 0) return null;
  if (/^req[._]ssl_sni(,lower)?$/.test(what)) return readNameTest(way, values);
  // Only TLS has a server name.
  if (/^req[._]ssl_hello_type$/.test(what)) return values.join() === "1" ? anything : null;
  if (/^path(_beg|_dir)?$/.test(what)) {
    const paths = values.map((value) => pathOf(value));
    return /^(str|beg|dir)$/.test(way) && paths.every((path) => path !== null)
      ? { ...anything, paths }
      : null;
  }
  const isHost = /^(req\.|req)?hdr\(host\)(,field\(1,:\)|,host_only)?$/i.test(what) && way === "str";
  const hosts = values.map((value) => value.toLowerCase().replace(/:\d+$/, ""));
  return isHost && hosts.every((host) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host))
    ? { ...anything, hosts }
    : null;
}

function readNameTest(way: string, values: readonly string[]): Matches | null {
  const read = { str: readServerName, reg: readOneLabel, end: readSuffix }[way];
  const names = read ? values.map(read) : [null];
  return names.every((name) => name !== null) ? { ...anything, names, isDeep: way === "end" } : null;
}

function readSuffix(value: string): string | null {
  return value.startsWith(".") ? readWildcard(value) : null;
}

function pathOf(text: string): string | null {
  if (text === "/") return text;
  const path = text.replace(/\/$/, "");
  const isPlain = /^(\/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/.test(path);
  return isPlain && !path.split("/").some((part) => part === "." || part === "..") ? path : null;
}

function either(one: Matches | null, other: Matches | null): Matches | null {
  if (!one || !other) return null;
  if (one.paths && other.paths) return { ...anything, paths: [...one.paths, ...other.paths] };
  if (one.hosts && other.hosts) return { ...anything, hosts: [...one.hosts, ...other.hosts] };
  if (!one.names || !other.names) return null;
  const isDeep = one.isDeep === true || other.isDeep === true;
  return { ...anything, names: [...one.names, ...other.names], isDeep };
}

function both(one: Matches, other: Matches | null): Matches | null {
  if (!other) return null;
  for (const key of ["paths", "hosts", "names"] as const) if (one[key] && other[key]) return null;
  return {
    paths: one.paths ?? other.paths,
    hosts: one.hosts ?? other.hosts,
    names: one.names ?? other.names,
    isDeep: one.isDeep === true || other.isDeep === true,
  };
}
