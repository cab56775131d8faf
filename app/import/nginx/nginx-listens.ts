/** Where an NGINX server listens. Pure. */
import { parseHostPort, parseListen, type HostPort } from "../../config/address.ts";
import type { ListenerTls } from "../../contract/config.ts";
import { withoutTwins, type ProxyAdditions } from "../proxy-additions.ts";
import type { Scope } from "./scope.ts";

export interface Listen {
  readonly listen: HostPort;
  readonly tls: ListenerTls | null;
  readonly line: number;
  /** One port of a range, such as 9007-9010. */
  readonly isOfRange: boolean;
}

/** Of one server: a range that would give it more is not taken over. */
const mostPorts = 100;

export function readListens(scope: Scope, found: ProxyAdditions): readonly Listen[] {
  const listens: Listen[] = [];
  for (const { words, line } of scope.all("listen")) {
    const [text = "", ...options] = words;
    const ports = portsOf(text, mostPorts - listens.length);
    const add = (added: readonly HostPort[], tls: ListenerTls | null): void => {
      for (const listen of added) listens.push({ listen, tls, line, isOfRange: added.length > 1 });
    };
    const cert = scope.value("ssl_certificate");
    const key = scope.value("ssl_certificate_key");
    if (options.includes("udp") || options.includes("quic"))
      found.skip(`line ${line}`, "listen: Shunt listens on TCP only.");
    else if (ports === null)
      found.skip(
        `line ${line}`,
        `listen: is a range; of one server ${mostPorts} ports are taken over at most.`,
      );
    else if (ports.length === 0)
      found.skip(`line ${line}`, "listen: is no address with one port by number, or a range of them.");
    else if (!options.includes("ssl")) add(ports, null);
    else if (cert === undefined || key === undefined || /\$|^data:|^engine:/.test(cert + key))
      found.skip(`line ${line}`, "listen: has ssl, but no certificate and key in files.");
    else add(ports, { certFile: cert, keyFile: key });
    const proxied = options.includes("proxy_protocol");
    if (proxied) found.skip(`line ${line}`, "listen: proxy_protocol is not expected by Shunt.");
  }
  return withoutTwins(listens);
}

/** The one address, or that of each port of a range; none where it cannot be read, null where there is no room for it. */
function portsOf(text: string, room: number): readonly HostPort[] | null {
  const [, host = "", first, last] = /^(.*:)?(\d+)-(\d+)$/.exec(text) ?? [];
  const count = first === undefined ? 1 : Number(last) - Number(first) + 1;
  if (count > 1 && count > room) return null;
  const texts =
    first === undefined
      ? [text]
      : Array.from({ length: Math.max(count, 0) }, (_, n) => `${host}${Number(first) + n}`);
  const read = texts.map(parseListenWord).filter((listen) => listen !== null);
  return read.length === texts.length ? read : [];
}

/** A port alone, or `*`, means every address. */
function parseListenWord(text: string): HostPort | null {
  const port = /^(?:\*:)?(\d+)$/.exec(text)?.[1];
  return port === undefined ? parseListen(text) : parseHostPort(`0.0.0.0:${port}`);
}
