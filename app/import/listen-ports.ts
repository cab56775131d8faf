/** What NGINX's `listen` and HAProxy's `bind` have in common: one port by number, or a range of them. Pure. */
import { parseHostPort, parseListen, type HostPort } from "../config/address.ts";

/** Of one server or frontend: a range that would give it more is not taken over. */
export const mostPorts = 100;

/** The one address, or that of each port of a range; none where it cannot be read, null where there is no room for it. */
export function portsOf(
  text: string,
  room: number,
  parseOne: (text: string) => HostPort | null,
): readonly HostPort[] | null {
  const [, host = "", first, last] = /^(.*:)?(\d+)-(\d+)$/.exec(text) ?? [];
  const count = first === undefined ? 1 : Number(last) - Number(first) + 1;
  if (count > 1 && count > room) return null;
  const texts =
    first === undefined
      ? [text]
      : Array.from({ length: Math.max(count, 0) }, (_, n) => `${host}${Number(first) + n}`);
  const read = texts.map(parseOne).filter((listen) => listen !== null);
  return read.length === texts.length ? read : [];
}

/** NGINX: a port alone, or `*`, means every address. */
export function parseNginxListen(text: string): HostPort | null {
  const port = /^(?:\*:)?(\d+)$/.exec(text)?.[1];
  return port === undefined ? parseListen(text) : parseHostPort(`0.0.0.0:${port}`);
}

/** HAProxy: no host, or `*`, means every address; a number alone is none. */
export function parseHaproxyBind(text: string): HostPort | null {
  const port = /^\*?:(\d+)$/.exec(text)?.[1];
  if (port !== undefined) return parseHostPort(`0.0.0.0:${port}`);
  return /^\d+$/.test(text) ? null : parseListen(text);
}

/** `listen 80` beside `listen [::]:80` is one address, `::` takes IPv4 too; 127.0.0.1 beside ::1 is `localhost`. */
export function withoutTwins<One extends { readonly listen: HostPort }>(
  listens: readonly One[],
): readonly One[] {
  const has = (host: string, port: number) =>
    listens.some(({ listen }) => listen.host === host && listen.port === port);
  const isTwin = ({ host, port }: HostPort): boolean =>
    (host === "0.0.0.0" && has("::", port)) || (host === "::1" && has("127.0.0.1", port));
  return listens
    .filter(({ listen }) => !isTwin(listen))
    .map((one) => {
      const { host, port } = one.listen;
      return host === "127.0.0.1" && has("::1", port) ? { ...one, listen: { host: "localhost", port } } : one;
    });
}
