/** The files that TLS needs: certificates and keys in PEM. */
import { readFileSync } from "node:fs";
import type { Reply } from "../contract/commands.ts";
import { expandHome } from "../config/expand-home.ts";
import { accept, errorCode, refuse } from "../failures.ts";

/** PKCS#8 (RFC 7468, section 11) and the older way of OpenSSL (RFC 1421, section 4.6.1.1). */
const encrypted = /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** TLS_FILE_UNREADABLE where it is not there, may not be read, or is a key that only a passphrase opens. */
export function readTlsFile(path: string): Reply<Buffer> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(expandHome(path));
  } catch (error) {
    return refuse("TLS_FILE_UNREADABLE", `${path} could not be read (${errorCode(error) ?? "unreadable"}).`);
  }
  if (!encrypted.test(bytes.toString("latin1"))) return accept(bytes);
  return refuse("TLS_FILE_UNREADABLE", `The key in ${path} is protected by a passphrase.`, {
    advice: `Name a copy that has none and that only you can read: openssl pkey -in ${path} -out KEY, then chmod 600 KEY.`,
  });
}
