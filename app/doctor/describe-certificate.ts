/** What a verified TLS connection shows: protocol, name, issuer and how long the certificate is good for. */
import { TLSSocket } from "node:tls";
import type { BackendTls } from "../contract/config.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { Finding } from "./finding.ts";

const soonDays = 30;
const dayMs = 86_400_000;

export function describeCertificate(socket: BackendSocket, tls: BackendTls, now = Date.now()): Finding {
  if (!(socket instanceof TLSSocket)) return { outcome: "ok", finding: "TLS stands.", advice: null };
  const { subject, issuer, valid_to: validTo } = socket.getPeerCertificate();
  const name = commonName(subject);
  const days = Math.floor((Date.parse(validTo) - now) / dayMs);
  const what = `${socket.getProtocol() ?? "TLS"}, certificate of ${name}, signed by ${commonName(issuer)}, good until ${validTo} (${days} days)`;
  if (tls.verify === false)
    return {
      outcome: "warning",
      finding: `Not verified, as configured (tls.verify is false): ${what}.`,
      advice:
        "Name the certificate authority in tls.caFile and take verify: false away: anybody could be in between.",
    };
  if (days < soonDays)
    return {
      outcome: "warning",
      finding: `${what}.`,
      advice: "Renew the backend's certificate: it ends soon.",
    };
  return { outcome: "ok", finding: `${what}.`, advice: null };
}

function commonName(entity: { readonly CN?: string | string[] } | undefined): string {
  const name = entity?.CN;
  return (Array.isArray(name) ? name[0] : name) ?? "no common name";
}
