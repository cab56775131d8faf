/** Where tunnels get passwords and passphrases from: never from the configuration. */

export interface SecretRequest {
  /** The tunnel's id. */
  readonly tunnel: string;
  readonly kind: "password";
  /** For whom, in words: `ops at proxy.example.com:3128`. */
  readonly account: string;
  /** True where the one given last was refused by the other side. */
  readonly refused: boolean;
}

/** Null where there is none, or where the operator declined. Never rejects. */
export type SecretSource = (request: SecretRequest) => Promise<string | null>;

/** The environment variable of a tunnel's secret: `SHUNT_SECRET_CORP_PROXY` for `corp-proxy`. */
export function secretVariable(tunnel: string): string {
  return `SHUNT_SECRET_${tunnel.toUpperCase().replaceAll("-", "_")}`;
}

/** Reads secrets from the environment, where one that was refused stays refused. */
export function environmentSecrets(
  env: Readonly<Record<string, string | undefined>> = process.env,
): SecretSource {
  return async ({ tunnel }) => env[secretVariable(tunnel)] ?? null;
}
