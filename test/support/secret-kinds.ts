/** The kinds of secrets that pass through Shunt, and that its tests use (reliability S9). */
export const secretKinds = [
  "URL user info",
  "URL parameter",
  "nested URL",
  "AMPS password",
  "Authorization",
  "Proxy-Authorization",
  "cookie",
  "private key",
  "passphrase",
  "SSH password",
  "one-time code",
  "SOCKS password",
  "CONNECT password",
  "Galvanometer sign-in",
  "API token",
  "environment secret",
  "imported password",
] as const;

export type SecretKind = (typeof secretKinds)[number];
