/** Where the SQL page of an instance connects to, as its live configuration says (amps-facts 5.2, 5.3). Pure. */
import { XMLParser } from "fast-xml-parser";
import type { HostPort } from "../config/address.ts";
import { parseAuthority } from "./authority.ts";

export interface SqlTransport {
  /** The port of the transport that `SQLTransport` names; null where it cannot be told. */
  readonly port: number | null;
  /** `SQLTransportInetAddr`: takes the place of the page's own host and that port. */
  readonly announced: HostPort | null;
  /** It goes on with a path, so a web server stands there, and not the transport itself. */
  readonly behindPath: boolean;
}

// The document may hold credentials: nothing but these elements is kept of it.
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, processEntities: false });

/** Null where it is no AMPS configuration. */
export function readSqlTransport(xml: string): SqlTransport | null {
  const root = parse(xml);
  const admin = child(child(root, "AMPSConfig"), "Admin");
  if (admin === null) return null;
  const name = textOf(admin, "SQLTransport");
  const transport = listOf(child(child(root, "AMPSConfig"), "Transports"), "Transport").find(
    (one) => name !== null && textOf(one, "Name") === name,
  );
  const given = textOf(admin, "SQLTransportInetAddr");
  return {
    port: portOf(textOf(transport ?? null, "InetAddr") ?? ""),
    ...readAnnounced(given ?? ""),
  };
}

/** `host:port`, `host/path`, `wss://host:port/path`; without a port that of the scheme, which the page's is. */
function readAnnounced(given: string): Pick<SqlTransport, "announced" | "behindPath"> {
  const [, scheme = "", authority = "", path = ""] =
    /^(?:(wss?|https?):\/\/)?([^/?#]+)(.*)$/i.exec(given) ?? [];
  const announced = parseAuthority(authority, /s$/i.test(scheme) ? 443 : 80);
  return { announced, behindPath: path.replace(/\/+$/, "") !== "" };
}

/** `InetAddr` is `host:port`, or a port alone. */
function portOf(inetAddr: string): number | null {
  const port = Number(/(?:^|:)(\d{1,5})$/.exec(inetAddr)?.[1] ?? 0);
  return port > 0 && port <= 65_535 ? port : null;
}

type Node = Readonly<Record<string, unknown>>;

function parse(xml: string): Node | null {
  try {
    return asNode(parser.parse(xml));
  } catch {
    return null;
  }
}

function asNode(value: unknown): Node | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Node) : null;
}

function child(node: Node | null, name: string): Node | null {
  return asNode(node?.[name]);
}

function listOf(node: Node | null, name: string): readonly Node[] {
  const value = node?.[name];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.map(asNode).filter((one) => one !== null);
}

function textOf(node: Node | null, name: string): string | null {
  const value = node?.[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}
