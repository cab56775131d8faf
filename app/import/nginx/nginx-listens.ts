/** Where an NGINX server listens. Pure. */
import type { HostPort } from "../../config/address.ts";
import type { ListenerTls } from "../../contract/config.ts";
import { mostPorts, parseNginxListen, portsOf, withoutTwins } from "../listen-ports.ts";
import type { ProxyAdditions } from "../proxy-additions.ts";
import type { Scope } from "./scope.ts";

export interface Listen {
  readonly listen: HostPort;
  readonly tls: ListenerTls | null;
  readonly line: number;
  /** One port of a range, such as 9007-9010. */
  readonly isOfRange: boolean;
}

export function readListens(scope: Scope, found: ProxyAdditions): readonly Listen[] {
  const listens: Listen[] = [];
  for (const { words, line } of scope.all("listen")) {
    const [text = "", ...options] = words;
    const ports = portsOf(text, mostPorts - listens.length, parseNginxListen);
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
