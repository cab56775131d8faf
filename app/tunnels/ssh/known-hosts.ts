/** Judges a host key by the lines of known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Pure. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { KnownKey } from "../../contract/questions.ts";

export interface KnownHost {
  readonly marker: "revoked" | "cert-authority" | null;
  readonly names: string;
  readonly type: string;
  readonly key: Buffer;
  /** The file and the number of its line. */
  readonly where: string;
}

export interface HostName {
  readonly host: string;
  readonly port: number;
}

type HostKeyVerdict =
  | { readonly is: "match" }
  /** `known`: keys of other types that are known for this host. `authority`: only a certificate authority is. */
  | { readonly is: "unknown"; readonly known: readonly KnownKey[]; readonly authority: boolean }
  /** `known`: the keys of this type that were expected. */
  | { readonly is: "changed"; readonly known: readonly KnownKey[] }
  | { readonly is: "revoked" };

/** As OpenSSH prints it: `SHA256:…`. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type that a public key blob begins with. */
export function keyTypeOfBlob(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return key.toString("latin1", 4, 4 + Math.min(length, 64));
}

/** Reads a file's lines; what cannot be understood is left out, as OpenSSH does. `file` is what `where` names. */
export function parseKnownHosts(text: string, file = ""): readonly KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const [first = "", ...others] = line.trim().split(/\s+/);
    if (first === "" || first.startsWith("#")) return [];
    const marked = first.startsWith("@");
    if (marked && first !== "@revoked" && first !== "@cert-authority") return [];
    const [names, type, blob] = marked ? others : [first, ...others];
    if (names === undefined || type === undefined || blob === undefined) return [];
    const key = Buffer.from(blob, "base64");
    if (key.length < 16 || keyTypeOfBlob(key) !== type) return [];
    return [
      {
        marker: marked ? (first.slice(1) as KnownHost["marker"]) : null,
        names,
        type,
        key,
        where: `${file}:${index + 1}`,
      },
    ];
  });
}

/** How known_hosts writes a host: `host`, or `[host]:port` where the port is another than 22. */
export function knownHostsName({ host, port }: HostName): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

function matchesPattern(name: string, pattern: string): boolean {
  const source = pattern.toLowerCase().replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${source.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(name);
}

function matchesHash(name: string, hashed: string): boolean {
  const [, salt = "", hash = ""] = /^\|1\|([^|]+)\|([^|]+)$/.exec(hashed) ?? [];
  const wanted = Buffer.from(hash, "base64");
  const found = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

/** Whether a line is about this name; a negated pattern that matches takes the whole line away. */
function isAbout(names: string, name: string): boolean {
  if (names.startsWith("|")) return matchesHash(name, names);
  let matched = false;
  for (const pattern of names.split(",")) {
    if (pattern.startsWith("!")) {
      if (matchesPattern(name, pattern.slice(1))) return false;
    } else matched ||= matchesPattern(name, pattern);
  }
  return matched;
}

/** Types of the keys that are known for a host. */
export function knownKeyTypes(lines: readonly KnownHost[], host: HostName): readonly string[] {
  const name = knownHostsName(host);
  const own = lines.filter((line) => line.marker === null && isAbout(line.names, name));
  return [...new Set(own.map((line) => line.type))];
}

export function judgeHostKey(lines: readonly KnownHost[], host: HostName, key: Buffer): HostKeyVerdict {
  const name = knownHostsName(host);
  const about = lines.filter((line) => isAbout(line.names, name));
  // A key that anybody marked as revoked for this host, under its plain name too, is never taken.
  const plain = host.host.toLowerCase();
  const ofHost = lines.filter((line) => isAbout(line.names, name) || isAbout(line.names, plain));
  if (ofHost.some((line) => line.marker === "revoked" && line.key.equals(key))) return { is: "revoked" };
  const own = about.filter((line) => line.marker === null);
  if (own.some((line) => line.key.equals(key))) return { is: "match" };
  const type = keyTypeOfBlob(key);
  const sameType = own.filter((line) => line.type === type);
  if (sameType.length > 0) return { is: "changed", known: sameType.map(describeKnown) };
  // As OpenSSH: a key that is known under the host's plain name is good for its other ports.
  if (ofHost.some((line) => line.marker === null && line.key.equals(key))) return { is: "match" };
  return {
    is: "unknown",
    known: own.map(describeKnown),
    authority: about.some((line) => line.marker === "cert-authority"),
  };
}

function describeKnown({ type, key, where }: KnownHost): KnownKey {
  return { keyType: type, fingerprint: fingerprintOf(key), where };
}
