/** Where an NGINX server listens. Pure. */
import { parseHostPort, parseListen, type HostPort } from "../../config/address.ts";
import type { ListenerTls } from "../../contract/config.ts";
import { withoutTwins, type ProxyAdditions } from "../proxy-additions.ts";
import type { Scope } from "./scope.ts";

export interface Listen {
  readonly listen: HostPort;
  readonly tls: ListenerTls | null;
  readonly line: number;
}

export function readListens(scope: Scope, found: ProxyAdditions): readonly Listen[] {
  const listens: Listen[] = [];
  for (const { words, line } of scope.all("listen")) {
    const [text = "", ...options] = words;
    const listen = parseListenWord(text);
    const cert = scope.value("ssl_certificate");
    const key = scope.value("ssl_certificate_key");
    if (options.includes("udp") || options.includes("quic"))
      found.skip(`line ${line}`, "listen: Shunt listens on TCP only.");
    else if (!listen) found.skip(`line ${line}`, "listen: is no address with one port by number.");
    else if (!options.includes("ssl")) listens.push({ listen, tls: null, line });
    else if (cert === undefined || key === undefined || /\$|^data:|^engine:/.test(cert + key))
      found.skip(`line ${line}`, "listen: has ssl, but no certificate and key in files.");
    else listens.push({ listen, tls: { certFile: cert, keyFile: key }, line });
    const proxied = options.includes("proxy_protocol");
    if (proxied) found.skip(`line ${line}`, "listen: proxy_protocol is not expected by Shunt.");
  }
  return withoutTwins(listens);
}

/** A port alone, or `*`, means every address. */
function parseListenWord(text: string): HostPort | null {
  const port = /^(?:\*:)?(\d+)$/.exec(text)?.[1];
  return port === undefined ? parseListen(text) : parseHostPort(`0.0.0.0:${port}`);
}
