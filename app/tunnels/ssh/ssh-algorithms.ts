/** What Shunt offers an SSH server: nothing that rests on SHA-1, and nothing that Electron's cryptography has not. */
import type { Algorithms } from "ssh2";

const hostKeyTypes = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const;

/** The key type, as known_hosts writes it, that a signature algorithm belongs to. */
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm;
}

/** `knownKeyTypes`: types of keys that are known for the host; they come first, so that a server shows one of those. */
export function offeredAlgorithms(knownKeyTypes: readonly string[]): Algorithms {
  const isKnown = (algorithm: string) => knownKeyTypes.includes(keyTypeOf(algorithm));
  return {
    kex: [
      "curve25519-sha256",
      "curve25519-sha256@libssh.org",
      "ecdh-sha2-nistp256",
      "ecdh-sha2-nistp384",
      "ecdh-sha2-nistp521",
      "diffie-hellman-group-exchange-sha256",
      "diffie-hellman-group16-sha512",
      "diffie-hellman-group18-sha512",
      "diffie-hellman-group14-sha256",
    ],
    serverHostKey: [...hostKeyTypes.filter(isKnown), ...hostKeyTypes.filter((type) => !isKnown(type))],
    cipher: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"],
    hmac: [
      "hmac-sha2-256-etm@openssh.com",
      "hmac-sha2-512-etm@openssh.com",
      "hmac-sha2-256",
      "hmac-sha2-512",
    ],
    compress: ["none"],
  };
}
