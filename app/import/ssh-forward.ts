/** Reads the argument of LocalForward and DynamicForward (ssh_config(5)). Pure. */
import { parseHostPort, parseListen, type HostPort } from "../config/address.ts";

interface LocalForward {
  /** Where it listens; the host is empty where the line names none. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Where it leads, as the server knows it. */
  readonly to: HostPort;
}

/** The forward, or why it cannot be a route. */
export function parseLocalForward(text: string): LocalForward | string {
  const words = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  const [from, to] = words;
  if (from === undefined || to === undefined || words.length !== 2) return "is not written as LISTEN TARGET";
  if ([from, to].some((word) => /^[/~]/.test(word) || word.includes("/run/")))
    return "is about a Unix socket, which Shunt does not forward";
  if (/[%$]/.test(text)) return "has a token or variable that only ssh replaces";
  const listen = parseBind(from);
  if (!listen) return "does not say a port to listen on by number";
  const target = parseHostPort(withColon(to));
  return target ? { listen, to: target } : "does not say host:port to lead to";
}

/** `port`, `host:port`, `[v6]:port`, `*:port`, `:port`, or with a slash in place of the last colon; null where unreadable. */
export function parseBind(text: string): LocalForward["listen"] | null {
  const any = /^\*?[:/](\d+)$/.exec(text)?.[1];
  const address = parseListen(any === undefined ? withColon(text) : `0.0.0.0:${any}`);
  if (!address) return null;
  return /^\d+$/.test(text) ? { host: "", port: address.port } : address;
}

/** `host/port` is ssh's other way to write `host:port`, and `[v6]:port`. */
function withColon(text: string): string {
  const [, host, port] = /^([^/]+)\/(\d+)$/.exec(text) ?? [];
  if (host === undefined || port === undefined) return text;
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}
