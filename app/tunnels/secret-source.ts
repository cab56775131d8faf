/** Where tunnels get passwords and passphrases from: never from the configuration. */
import type { SecretKind } from "../contract/questions.ts";

export interface SecretRequest {
  /** The tunnel's id. */
  readonly tunnel: string;
  readonly kind: SecretKind;
  /** Whose, in words: `ops@proxy.example.com:3128`, or the path of a key file. */
  readonly account: string;
  /** True where the one given last was refused by the other side. */
  readonly refused: boolean;
  /** For an SSH server on the way to the tunnel's own: its host. */
  readonly jumpHost?: string;
  /** What the server says when it asks. */
  readonly prompt?: string;
  /** The server allows the answer to be seen. */
  readonly shown?: boolean;
  /** The answer is no longer wanted: it is null then. */
  readonly signal?: AbortSignal;
}

/** Gives a secret; null where there is none, or where the operator declined. Never rejects. */
export interface SecretSource {
  (request: SecretRequest): Promise<string | null>;
  /** True where an operator is asked. */
  readonly asksOperator?: boolean;
}

/** The environment variable of a tunnel's secret: `SHUNT_SECRET_CORP_PROXY` for `corp-proxy`, a jump host's name behind it. */
export function secretVariable(tunnel: string, jumpHost?: string): string {
  const name = jumpHost === undefined ? tunnel : `${tunnel}_${jumpHost}`;
  return `SHUNT_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
}

/** Takes the secrets out of an environment, so that nothing else is handed them with it; returns all that it held. */
export function withdrawSecrets(
  env: Record<string, string | undefined>,
): Readonly<Record<string, string | undefined>> {
  const whole = { ...env };
  for (const name of Object.keys(env)) if (name.startsWith("SHUNT_SECRET_")) delete env[name];
  return whole;
}

/** Reads secrets from the environment, where an empty one is none; a server's question has no answer there. */
export function environmentSecrets(
  env: Readonly<Record<string, string | undefined>> = process.env,
): SecretSource {
  return async ({ tunnel, kind, jumpHost }) =>
    kind === "answer" ? null : env[secretVariable(tunnel, jumpHost)] || null;
}

/** What to do about a secret that is missing or wrong, given who is asked for it. */
export function secretAdvice(secrets: SecretSource, tunnel: string, jumpHost?: string): string {
  return secrets.asksOperator === true
    ? "Try the tunnel again to be asked once more."
    : `Set ${secretVariable(tunnel, jumpHost)} in the environment and start Shunt again.`;
}

/** `the password of ops@proxy.example.com:3128`. */
export function describeSecret({ kind, account }: Pick<SecretRequest, "kind" | "account">): string {
  return kind === "answer" ? `an answer for ${account}` : `the ${kind} of ${account}`;
}
