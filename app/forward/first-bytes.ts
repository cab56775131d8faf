/** What a client's first bytes are, before any of them goes further (amps-facts 2.4). */

type FirstBytes = "tls" | "http" | "amps" | "other";

/** Upper-case letters open an HTTP request; as an AMPS length they would announce more than a gigabyte. */
export function classifyFirstBytes(bytes: Buffer): FirstBytes {
  const [first = 0, second = 0] = bytes;
  if (first === 0x16 && second === 0x03) return "tls";
  if (first >= 0x41 && first <= 0x5a && (bytes.length < 2 || (second >= 0x41 && second <= 0x5a)))
    return "http";
  if (first <= 0x40 && bytes[4] === 0x7b) return "amps";
  return "other";
}
