/** What a client showed at its logon. The password is looked at and dropped. */
interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** `retry`: the client logs on again on the same connection, with what it is given. */
type Verdict =
  | { readonly status: "success"; readonly reason: string }
  | { readonly status: "failure"; readonly reason: string }
  | { readonly status: "retry"; readonly user: string; readonly password: string };

export type Authenticate = (credentials: Credentials) => Verdict;

/** Anybody may log on, as on an AMPS without authentication; the password `wrong` shows what a refusal is like. */
export const sandboxAuthenticate: Authenticate = ({ password }) =>
  password === "wrong"
    ? { status: "failure", reason: "auth failure" }
    : { status: "success", reason: "authentication disabled" };
