/** Verdicts on host keys by the lines of known_hosts files. */
import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  fingerprintOf,
  judgeHostKey,
  knownKeyTypes,
  parseKnownHosts,
} from "../../../app/tunnels/ssh/known-hosts.ts";

function makeBlob(type = "ssh-ed25519"): Buffer {
  const part = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const raw = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return Buffer.concat([part(Buffer.from(type)), part(raw)]);
}

const key = makeBlob();
const other = makeBlob();
const rsa = makeBlob("ssh-rsa");
const line = (names: string, blob = key, type = "ssh-ed25519") =>
  `${names} ${type} ${blob.toString("base64")} comment`;
const hashed = (name: string) => {
  const salt = randomBytes(20);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
};
const host = { host: "jump.example.com", port: 22 };
const onPort = { host: "Jump.example.com", port: 2222 };

describe("a host key is judged by the lines about its host", () => {
  test.each([
    ["a line with the key", line("jump.example.com"), host, "match"],
    ["a line with several names", line("a,jump.example.com,b"), host, "match"],
    ["no line", "", host, "unknown"],
    ["a line about another host", line("other.example.com"), host, "unknown"],
    ["another key of the same type", line("jump.example.com", other), host, "changed"],
    ["a key of another type", line("jump.example.com", rsa, "ssh-rsa"), host, "unknown"],
    ["a hashed name", line(hashed("jump.example.com")), host, "match"],
    ["another hashed name", line(hashed("other.example.com")), host, "unknown"],
    ["a hashed name with a port", line(hashed("[jump.example.com]:2222")), onPort, "match"],
    ["a name with its port", line("[jump.example.com]:2222"), onPort, "match"],
    ["a name with another port", line("[jump.example.com]:2223"), onPort, "unknown"],
    ["the plain name, for another port", line("jump.example.com"), onPort, "match"],
    [
      "another key under the plain name, for another port",
      line("jump.example.com", other),
      onPort,
      "unknown",
    ],
    [
      "another key for that port",
      `${line("jump.example.com")}\n${line("[jump.example.com]:2222", other)}`,
      onPort,
      "changed",
    ],
    ["a wildcard", line("*.example.com"), host, "match"],
    ["a wildcard and a negation of it", line("*.example.com,!jump.example.com"), host, "unknown"],
    ["a negation of another", line("*.example.com,!prod.example.com"), host, "match"],
    ["a question mark", line("jum?.example.com"), host, "match"],
    ["a dot that is no wildcard", line("jumpXexample.com"), host, "unknown"],
    ["a revoked key", `@revoked ${line("jump.example.com")}`, host, "revoked"],
    [
      "a revoked key that is also listed",
      `${line("jump.example.com")}\n@revoked ${line("*")}`,
      host,
      "revoked",
    ],
    [
      "another revoked key",
      `${line("jump.example.com")}\n@revoked ${line("jump.example.com", other)}`,
      host,
      "match",
    ],
    [
      "a certificate authority with this very key",
      `@cert-authority ${line("jump.example.com")}`,
      host,
      "unknown",
    ],
    ["an unknown marker", `@else ${line("jump.example.com")}`, host, "unknown"],
    [
      "comments, blank and broken lines",
      `# x\n\n  \nnonsense\njump.example.com ssh-ed25519 AAAA\n${line("jump.example.com")}`,
      host,
      "match",
    ],
    ["a blob of another type than the line says", line("jump.example.com", rsa), host, "unknown"],
    ["Windows line ends", `${line("other")}\r\n${line("jump.example.com")}\r\n`, host, "match"],
  ])("%s", (_what, text, asked, verdict) => {
    expect(judgeHostKey(parseKnownHosts(text), asked, key).is).toBe(verdict);
  });
});

test("an unknown key comes with the keys that are known, and with the authority", () => {
  const lines = parseKnownHosts(
    `${line("jump.example.com", rsa, "ssh-rsa")}\n@cert-authority ${line("*.example.com", other)}`,
    "/home/ops/.ssh/known_hosts",
  );
  expect(judgeHostKey(lines, host, key)).toEqual({
    is: "unknown",
    known: [{ keyType: "ssh-rsa", fingerprint: fingerprintOf(rsa), where: "/home/ops/.ssh/known_hosts:1" }],
    authority: true,
  });
  expect(knownKeyTypes(lines, host)).toEqual(["ssh-rsa"]);
});

test("a changed key comes with the key that was expected, and where it is written", () => {
  const lines = parseKnownHosts(`# mine\n${line("jump.example.com", other)}`, "known_hosts");
  expect(judgeHostKey(lines, host, key)).toEqual({
    is: "changed",
    known: [{ keyType: "ssh-ed25519", fingerprint: fingerprintOf(other), where: "known_hosts:2" }],
  });
});
