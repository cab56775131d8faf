/**
 * `shunt://route/ID` and its like: a link in a wiki or a chat that shows the operator one thing. A link only ever shows:
 * any page may open one, so none of them changes anything.
 */
import type { ShellWish } from "../../app/contract/bridge.ts";

const scheme = "shunt:";

/** What is shown for the first part of a link; each takes one id. */
const screens = {
  route: "routes",
  backend: "backends",
  pool: "pools",
} as const;

/** The ids of the configuration (design, section 3). */
const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The wish behind a link, or null where it is none of ours: only the exact form counts. */
export function wishOfLink(link: string): ShellWish | null {
  const match = /^shunt:\/\/([a-z]+)\/([^/?#]+)\/?$/.exec(link);
  const [, kind, id] = match ?? [];
  if (kind === undefined || id === undefined || !idPattern.test(id) || !Object.hasOwn(screens, kind))
    return null;
  return { do: "show", screen: screens[kind as keyof typeof screens], id };
}

/** The link among a program's arguments, or null. The system hands it over as one of them, except on macOS. */
export function linkAmong(programArguments: readonly string[]): string | null {
  return programArguments.find((argument) => argument.startsWith(scheme)) ?? null;
}
