/** Where an HAProxy `listen` or `frontend` listens. Pure. */
import type { HostPort } from "../../config/address.ts";
import type { ListenerTls } from "../../contract/config.ts";
import { mostPorts, parseHaproxyBind, portsOf, withoutTwins } from "../listen-ports.ts";
import type { ProxyAdditions } from "../proxy-additions.ts";
import type { Line } from "./parse-haproxy.ts";

interface Bind {
  readonly listen: HostPort;
  readonly tls: ListenerTls | null;
  readonly text: string;
  readonly line: number;
  readonly restricted: string | null;
  /** One port of a range, such as 9007-9010. */
  readonly isOfRange: boolean;
}

export function readBinds(lines: readonly Line[], found: ProxyAdditions): readonly Bind[] {
  const binds: Bind[] = [];
  for (const { words, line } of lines) {
    const [keyword, addresses = "", ...options] = words;
    if (keyword !== "bind") continue;
    const skip = (why: string): void => found.skip(`line ${line}`, `bind: ${why}`);
    const crt = options[options.indexOf("crt") + 1] ?? "";
    const isSsl = options.includes("ssl");
    const hasCrt = options.includes("crt") && crt !== "" && !crt.endsWith("/");
    // HAProxy keeps certificate and key in one file, where Shunt finds both as well.
    const tls = isSsl ? { certFile: crt, keyFile: crt } : null;
    const restricted = options[options.indexOf("verify") + 1] === "required" ? "verify required" : null;
    if (options.includes("accept-proxy")) skip("the PROXY protocol is not expected by Shunt.");
    for (const text of addresses.split(",")) {
      const ports = portsOf(text, mostPorts - binds.length, parseHaproxyBind);
      if (ports === null) skip(`is a range; of one frontend ${mostPorts} ports are taken over at most.`);
      else if (ports.length === 0) skip("is no address with one port by number, or a range of them.");
      else if (isSsl && !hasCrt) skip("has ssl, but no file with its certificate.");
      else
        for (const listen of ports)
          binds.push({ listen, text, line, tls, restricted, isOfRange: ports.length > 1 });
    }
  }
  return withoutTwins(binds);
}
