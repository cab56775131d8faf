/** Server names as other proxies write them, as Shunt has them. Pure. */

export interface NameRoutes<Target> {
  /** Where each target's names lead, in the order of the file; `names` null: whatever no name matches. */
  readonly routes: readonly { readonly target: Target; readonly names: readonly string[] | null }[];
  /** Which of the names are wildcards of any depth, where one label is meant here. */
  readonly deep: readonly string[];
}

const plain =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** A name in lower case; null where it cannot be one. */
export function readServerName(text: string): string | null {
  const name = text.toLowerCase();
  return plain.test(name) && !/(^|\.)\d+$/.test(name) ? name : null;
}

/** `.example.com` as the names at any depth below it, of which Shunt has one label. */
export function readWildcard(suffix: string): string | null {
  const name = readServerName(suffix.replace(/^\./, ""));
  return name === null ? null : `*.${name}`;
}

/** `^[^.]+\.example\.com$`, as Shunt exports a wildcard. */
export function readOneLabel(pattern: string): string | null {
  const rest = /^\^\[\^\.\]\+\\\.(.+)\$$/.exec(pattern)?.[1];
  return rest === undefined ? null : readWildcard(rest.replaceAll("\\.", "."));
}

export class NameList<Target> {
  readonly #byTarget = new Map<Target, string[]>();
  readonly #deep: string[] = [];
  #others: Target | null = null;

  add(target: Target, names: readonly string[], isDeep: boolean): void {
    const known = this.#byTarget.get(target) ?? [];
    this.#byTarget.set(target, known);
    for (const name of names) if (!known.includes(name)) known.push(name);
    if (isDeep) this.#deep.push(...names.filter((name) => name.startsWith("*.")));
  }

  others(target: Target): void {
    this.#others = target;
  }

  get found(): NameRoutes<Target> {
    const named = [...this.#byTarget].map(([target, names]) => ({ target, names }));
    const rest = this.#others === null ? [] : [{ target: this.#others, names: null }];
    return { routes: [...named, ...rest], deep: this.#deep };
  }
}

/** What a route is told of wildcards that are narrower here. */
export function deepNote(names: readonly string[] | null, deep: readonly string[]): readonly string[] {
  const own = (names ?? []).filter((name) => deep.includes(name));
  return own.length === 0
    ? []
    : [`${own.join(", ")} takes names of any depth in the file, and one label here.`];
}
