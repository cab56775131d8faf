/** Where a build of Shunt asks for newer ones, and whose signature it believes: facts of the build, never of a configuration. */
import { createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import { z } from "zod";

export interface UpdateSource {
  /** https, without user or password; packages lie beside it. */
  readonly feed: string;
  readonly channel: string;
  /** Ed25519; any of them may have signed. */
  readonly publicKeys: readonly KeyObject[];
  /** Certificates (PEM) that are believed beside those that Node.js knows. */
  readonly authorities: readonly string[];
}

const feed = z
  .url({ protocol: /^https$/, error: "is not an https address" })
  .max(1_000)
  .refine((url) => new URL(url).username === "" && new URL(url).password === "", "names a user");

/** Base64 of the key's SubjectPublicKeyInfo (RFC 8410), as `openssl pkey -pubout` writes between its two lines. */
const publicKey = z.base64().transform((text, context) => {
  try {
    const key = createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Said below.
  }
  context.addIssue({ code: "custom", message: "is not an Ed25519 public key" });
  return z.NEVER;
});

const authority = z.string().refine((pem) => {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}, "is not an authority's certificate");

/** Also what `scripts/sign-update.mjs` accepts as a channel. */
export const channelName = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "is not a channel's name");

const source = z.strictObject({
  feed,
  channel: channelName,
  publicKeys: z.array(publicKey).min(1).max(4),
  authorities: z.array(authority).max(8).default([]),
});

/** The facts in their checked form, or what is wrong with them. */
export function readUpdateSource(
  facts: unknown,
): { readonly ok: true; readonly source: UpdateSource } | { readonly ok: false; readonly problem: string } {
  const parsed = source.safeParse(facts);
  if (parsed.success) return { ok: true, source: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    ok: false,
    problem: `updates.${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}`,
  };
}
