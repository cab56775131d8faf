/** Routes that the operator wants to hear nothing of: development that is down every night is no news. */
import type { ShuntConfig } from "../../app/contract/config.ts";

/** What a notification is about. */
export type NoticeSubject = { readonly route: string } | { readonly backend: string };

export function withMuted(muted: readonly string[], id: string, on: boolean): readonly string[] {
  const others = muted.filter((other) => other !== id);
  return on ? [...others, id] : others;
}

/** A route is quiet when it is muted; a backend when routes in use lead to it and every one of them is muted. */
export function isQuiet(
  subject: NoticeSubject,
  config: ShuntConfig | null,
  muted: readonly string[],
): boolean {
  if ("route" in subject) return muted.includes(subject.route);
  if (config === null) return false;
  const targets = new Set([
    subject.backend,
    ...config.pools.filter(({ members }) => members.includes(subject.backend)).map(({ id }) => id),
  ]);
  const users = config.routes.filter((route) => route.enabled !== false && targets.has(route.target));
  return users.length > 0 && users.every(({ id }) => muted.includes(id));
}
