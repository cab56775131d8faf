/** The guard of HTTP listeners against a slow and obvious one, which knows a short list of names and compares whole texts. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { hostProblem, originProblem, type ListenerNames } from "../../app/http/origin-guard.ts";

const ports = [80, 443, 8080, 9000, 3000];
const port = fc.constantFrom(...ports);
const loopbacks = ["localhost", "127.0.0.1", "[::1]"];
const addresses = ["localhost", "127.0.0.1", "::1", "192.0.2.7"];
const added = [
  "desk.example.com",
  "proxy.example.com:9000",
  "prod-1.localhost",
  "[2001:db8::1]:8080",
  "192.0.2.9:80",
];

const listener: fc.Arbitrary<ListenerNames> = fc.record({
  address: fc.record({ host: fc.constantFrom(...addresses), port }),
  secure: fc.boolean(),
  hosts: fc.uniqueArray(fc.constantFrom(...added), { maxLength: 3 }),
  origins: fc.uniqueArray(fc.constantFrom("https://app.example.com", "http://10.0.0.5:3000"), {
    maxLength: 2,
  }),
});

/** Names that are known somewhere, with something done to them that resolvers, browsers or careless readers overlook. */
const name = fc.oneof(
  fc.constantFrom(
    ...loopbacks,
    ...added,
    "192.0.2.7",
    "127.0.0.9",
    "evil.com",
    "app.example.com",
    "10.0.0.5",
  ),
  fc.constantFrom(
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "0.0.0.0",
    "[::]",
    "::1",
  ),
);
const bends: readonly ((text: string) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => `${text}.`,
  (text) => `${text}.evil.com`,
  (text) => `x${text}`,
  (text) => `x.${text}`,
  (text) => `user@${text}`,
  (text) => ` ${text}`,
  (text) => `${text}\t`,
  (text) => `${text}/`,
  (text) => `${text}, evil.com`,
  (text) => text.replace("l", "%6c"),
  (text) => text.slice(1),
  (text) => text.slice(0, -1),
];
const bend = fc.oneof(
  { weight: 5, arbitrary: fc.constant((text: string) => text) },
  { weight: 1, arbitrary: fc.constantFrom(...bends) },
);
const own = "own";
const tail = fc.oneof(
  { weight: 6, arbitrary: fc.constant(own) },
  { weight: 2, arbitrary: port.map((one) => `:${one}`) },
  { weight: 2, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ":",
      ":0",
      ":080",
      ":8080x",
      ":808080",
      ":-1",
      ":8080:8080",
      ":8080/x",
      ":8080@evil.com",
    ),
  },
);
/** A listener and what a client calls it: often what it is. */
const asked = fc
  .tuple(listener, fc.oneof(fc.constant(own), name), bend, tail, bend)
  .map(([names, host, first, end, last]) => {
    const { address } = names;
    const called = host === own ? bracketed(address.host) : host;
    return { names, text: last(`${first(called)}${end === own ? `:${address.port}` : end}`) };
  });

/** 127.0.0.0/8 as it is written in full. */
const isLoopbackText = (text: string): boolean =>
  loopbacks.includes(text) ||
  (text.startsWith("127.") &&
    text.split(".").length === 4 &&
    text.split(".").every((part) => String(Number(part)) === part && Number(part) < 256));

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** Every `name:port` that the operator added, once with its own port and else with any. */
function isAdded(host: string, at: number, names: ListenerNames): boolean {
  return names.hosts.some((entry) => {
    const lower = entry.toLowerCase();
    return lower === `${host}:${at}` || (lower === host && !/:\d+$/.test(lower.replace(/\[.*\]/, "")));
  });
}

/** What is left of a text once a port that it may end with is off; null where that is no port as it is written. */
function apart(text: string, withoutPort: number): { readonly host: string; readonly at: number } | null {
  const colon = text.endsWith("]") ? -1 : text.lastIndexOf(":");
  const host = (colon < 0 ? text : text.slice(0, colon)).toLowerCase();
  const written = colon < 0 ? String(withoutPort) : text.slice(colon + 1);
  const isNumber =
    written.length > 0 && written.length < 6 && [...written].every((one) => "0123456789".includes(one));
  return isNumber ? { host, at: Number(written) } : null;
}

function obviousHost(text: string, names: ListenerNames): boolean {
  const { address, secure } = names;
  const read = apart(text, secure ? 443 : 80);
  if (!read) return false;
  const isOwn = isLoopbackText(read.host) || read.host === bracketed(address.host);
  return isAdded(read.host, read.at, names) || (isOwn && read.at === address.port);
}

function obviousOrigin(text: string, names: ListenerNames): boolean {
  if (names.origins.includes(text)) return true;
  const scheme = ["http://", "https://"].find((one) => text.startsWith(one));
  if (scheme === undefined) return false;
  const read = apart(text.slice(scheme.length), scheme === "https://" ? 443 : 80);
  if (!read) return false;
  const isOwnLocal = names.hosts.includes(read.host) && read.host.endsWith(".localhost");
  const isOwn = read.host === bracketed(names.address.host) && read.at === names.address.port;
  return isLoopbackText(read.host) || isAdded(read.host, read.at, names) || isOwnLocal || isOwn;
}

function counted(obvious: (text: string, names: ListenerNames) => boolean) {
  const seen = { accepted: 0, refused: 0 };
  return {
    seen,
    expected(text: string, names: ListenerNames): boolean {
      const accepted = obvious(text, names);
      seen[accepted ? "accepted" : "refused"]++;
      return accepted;
    },
  };
}

test("a Host header is accepted where the obvious guard accepts it, and nowhere else", () => {
  const { seen, expected } = counted(obviousHost);
  fc.assert(
    fc.property(asked, ({ text, names }) => {
      expect(hostProblem(text, names) === null).toBe(expected(text, names));
    }),
    { numRuns: 5_000 },
  );
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(500);
});

test("an Origin is accepted where the obvious guard accepts it, and nowhere else", () => {
  const { seen, expected } = counted(obviousOrigin);
  const schemes = fc.constantFrom(
    "http://",
    "https://",
    "http://",
    "https://",
    "ftp://",
    "HTTP://",
    "http:/",
    "//",
    "",
  );
  /** With "!" the whole of it. */
  const wholes = fc.constantFrom(
    "null!",
    "!",
    "file://!",
    "https://app.example.com!",
    "http://10.0.0.5:3000!",
  );
  const beginning = fc.oneof({ weight: 9, arbitrary: schemes }, { weight: 1, arbitrary: wholes });
  fc.assert(
    fc.property(asked, beginning, ({ text: host, names }, before) => {
      const text = before.endsWith("!") ? before.slice(0, -1) : before + host;
      expect(originProblem(text, names) === null).toBe(expected(text, names));
    }),
    { numRuns: 5_000 },
  );
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(500);
});
