/** The certificate authorities that Debian and its relatives trust, in one file. */
export const systemCertificates = "/etc/ssl/certs/ca-certificates.crt";
