/** Where tunnels get passwords and passphrases from: never from the configuration. */

export interface SecretRequest {
  /** The tunnel's id. */
  readonly tunnel: string;
  /** `answer`: to a question of the server, good for one time only. */
  readonly kind: "password" | "passphrase" | "answer";
  /** Whose, in words: `ops@proxy.example.com:3128`, or the path of a key file. */
  readonly account: string;
  /** True where the one given last was refused by the other side. */
  readonly refused: boolean;
  /** For an SSH server on the way to the tunnel's own: its host. */
  readonly jumpHost?: string;
}

/** Null where there is none, or where the operator declined. Never rejects. */
export type SecretSource = (request: SecretRequest) => Promise<string | null>;

/** The environment variable of a tunnel's secret: `SHUNT_SECRET_CORP_PROXY` for `corp-proxy`, a jump host's name behind it. */
export function secretVariable(tunnel: string, jumpHost?: string): string {
  const name = jumpHost === undefined ? tunnel : `${tunnel}_${jumpHost}`;
  return `SHUNT_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
}

/** Reads secrets from the environment; a server's question has no answer there. */
export function environmentSecrets(
  env: Readonly<Record<string, string | undefined>> = process.env,
): SecretSource {
  return async ({ tunnel, kind, jumpHost }) =>
    kind === "answer" ? null : (env[secretVariable(tunnel, jumpHost)] ?? null);
}
