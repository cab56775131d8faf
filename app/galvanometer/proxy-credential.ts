/** Who a request to the forward proxy comes from. */
import type { IncomingMessage } from "node:http";
import type { Scope } from "./scope.ts";

/** What a browser shows beside its login question. */
export const realm = "Shunt";

/** The scope whose credential a request carries, or null. The time taken tells nothing of the password. */
export function scopeOf(request: IncomingMessage, scopes: ReadonlyMap<string, Scope>): Scope | null {
  const match = /^Basic ([A-Za-z0-9+/]{1,200}={0,2})$/i.exec(request.headers["proxy-authorization"] ?? "");
  const [, user = "", password = ""] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(match?.[1] ?? "", "base64").toString("utf8")) ?? [];
  const scope = scopes.get(user);
  return scope?.isPassword(password) ? scope : null;
}
