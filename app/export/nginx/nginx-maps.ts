/** The decisions that Shunt takes on a request's head, as NGINX maps. */
import { isWildcard } from "../../config/address.ts";
import type { ListenerPlan } from "../plan/export-plan.ts";
import { badRequestLines, hostPatterns, originPatterns } from "../plan/own-names.ts";
import { pathRules, readingMethods } from "../read-only-rules.ts";
import { map, variable, type Lines, type MapEntry } from "./nginx-syntax.ts";

const entry = (on: string, gives: string): MapEntry => ({ on, gives });

/** Regular expressions are tried in the order in which they stand here. */
export const sharedMaps: readonly Lines[] = [
  map("$http_connection", "$shunt_upgrade", [
    entry("default", '""'),
    entry("~*(^|[, ])upgrade([, ]|$)", "$http_upgrade"),
  ]),
  map('"$shunt_upgrade|$http_sec_websocket_key"', "$shunt_kind", [
    entry("default", "refused"),
    entry("~^\\|", "admin"),
    entry("~*^websocket\\|.", "websocket"),
    entry("~*^h2c?\\|", "refused"),
    entry("~^[A-Za-z0-9._+-]+(/[A-Za-z0-9.]+)?\\|", "preflight"),
  ]),
  map("$shunt_kind", "$shunt_connection", [entry("default", "upgrade"), entry("admin", "close")]),
  // An upgrade is a GET in HTTP/1.1 without a body.
  map(
    '"$shunt_kind|$request_method|$server_protocol|$http_content_length$http_transfer_encoding"',
    "$shunt_bad_upgrade",
    [
      entry("default", "1"),
      entry("~^admin\\|", "0"),
      entry("~^(websocket|preflight)\\|GET\\|HTTP/1\\.1\\|$", "0"),
    ],
  ),
  map("$request", "$shunt_bad_target", [
    entry("default", "0"),
    ...badRequestLines.map((one) => entry(`~${one}`, "1")),
  ]),
  map('"$request_method $shunt_rest"', "$shunt_reads_only", [
    entry("default", "0"),
    ...pathRules.map(({ pattern, reads }) =>
      entry(`~*^(${readingMethods.join("|")}) ${pattern.slice(1)}`, reads ? "1" : "0"),
    ),
  ]),
  // What a page of another site caused: it may open a page that only reads, and nothing else.
  map(
    '"$shunt_kind|$http_origin|$http_sec_fetch_site|$http_sec_fetch_mode|$shunt_reads_only"',
    "$shunt_cross_site",
    [
      entry("default", "0"),
      entry("admin||cross-site|navigate|1", "0"),
      entry("~^admin\\|\\|cross-site\\|", "1"),
    ],
  ),
  map('"$shunt_kind|$shunt_reads_only"', "$shunt_acts", [entry("default", "0"), entry("admin|0", "1")]),
  map("$http_host", "$shunt_server_name", [
    entry("default", "$http_host"),
    entry("~^(?<shunt_bare_host>.+):[0-9]+$", "$shunt_bare_host"),
  ]),
];

export function ownHost({ name }: ListenerPlan): string {
  return variable("own_host", name);
}

export function ownOrigin({ name }: ListenerPlan): string {
  return variable("own_origin", name);
}

/** Under which names a listener answers, and to whose pages. */
export function listenerMaps(listener: ListenerPlan): readonly Lines[] {
  const { names, bind } = listener;
  // The address that the request came to counts as a name where the listener has all of them.
  const came = isWildcard(bind.host)
    ? [
        entry("~^([0-9.]+:[0-9]+)\\|\\1$", "1"),
        entry("~^([0-9a-f]*:[0-9a-f:.]*):([0-9]+)\\|\\[\\1\\]:\\2$", "1"),
      ]
    : [];
  return [
    map('"$server_addr:$server_port|$http_host"', ownHost(listener), [
      entry("default", "0"),
      ...came,
      ...hostPatterns(names).map((pattern) => entry(`~*\\|${pattern.slice(1)}`, "1")),
    ]),
    map("$http_origin", ownOrigin(listener), [
      entry("default", "0"),
      entry("", "1"),
      ...originPatterns(names).map((pattern) => entry(`~${pattern}`, "1")),
    ]),
  ];
}
