/** Verifies a server's certificate with the authority that its backend names, and says in a sentence why not. */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { rootCertificates } from "node:tls";

interface CertificateFacts {
  readonly hostname: string;
  /** PEM, leaf first, as the server sent them. */
  readonly chain: readonly string[];
  /** PEM of the authorities that are trusted for this host; null: those that Node.js trusts. */
  readonly authorities: string | null;
  /** A name to verify in place of the host's. */
  readonly serverName?: string | undefined;
  readonly now: Date;
}

/** Null where the certificate is good. */
export function certificateProblem(facts: CertificateFacts): string | null {
  let chain: readonly X509Certificate[];
  let roots: readonly X509Certificate[];
  try {
    chain = facts.chain.map((pem) => new X509Certificate(pem));
    roots = (facts.authorities === null ? rootCertificates : splitPem(facts.authorities)).map(
      (pem) => new X509Certificate(pem),
    );
  } catch {
    return "it, or the file of its authority, cannot be read";
  }
  const [leaf] = chain;
  if (!leaf) return "the server sent none";
  const name = facts.serverName ?? facts.hostname;
  const named = isIP(name) ? leaf.checkIP(name) : leaf.checkHost(name, { subject: "never" });
  if (named === undefined) return `it is not for the name ${name}`;
  return pathProblem(leaf, chain.slice(1), roots, facts.now);
}

/** Walks from the leaf to a trusted authority; every certificate on the way must be valid now and signed by the next. */
function pathProblem(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: Date,
): string | null {
  let current = leaf;
  for (let step = 0; step <= sent.length + 1; step += 1) {
    const dated = dateProblem(current, now);
    if (dated !== null) return dated;
    // The backend's own authority may be the very certificate that the server shows.
    if (roots.some((root) => root.fingerprint256 === current.fingerprint256)) return null;
    const root = roots.find((one) => signed(current, one));
    if (root) return dateProblem(root, now);
    const issuer = sent.find((one) => one.ca && one !== current && signed(current, one));
    if (!issuer) break;
    current = issuer;
  }
  return "it is signed by an authority that is not known here: name its file in tls.caFile of the backend";
}

function dateProblem(certificate: X509Certificate, now: Date): string | null {
  if (now < new Date(certificate.validFrom)) return `it is not valid before ${certificate.validFrom}`;
  if (now > new Date(certificate.validTo)) return `it expired on ${certificate.validTo}`;
  return null;
}

function signed(subject: X509Certificate, issuer: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

function splitPem(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
