/** From an haproxy.cfg: `listen` and `frontend` become routes, the servers behind them backends and pools. Pure. */
import { accept, refuse } from "../../failures.ts";
import type { ImportSource } from "../import-source.ts";
import { ProxyAdditions, type ProxyGroup, type ProxyRoute } from "../proxy-additions.ts";
import { readBinds } from "./haproxy-binds.ts";
import { deepNote, type NameRoutes } from "../server-names.ts";
import { readGroup } from "./haproxy-group.ts";
import { readNames } from "./haproxy-names.ts";
import { pathRoutes, restrictionOf } from "./haproxy-paths.ts";
import { parseHaproxy, type Line, type Proxy, type Section } from "./parse-haproxy.ts";

export const haproxySource: ImportSource<null> = (text) => {
  const sections = parseHaproxy(text);
  if (!("length" in sections))
    return refuse(
      "IMPORT_UNREADABLE",
      `This is not a HAProxy configuration: line ${sections.line}, ${sections.why}.`,
    );
  if (sections.length === 0)
    return refuse("IMPORT_UNREADABLE", "This is not a HAProxy configuration: it has no section.");
  const reading = new Reading();
  for (const section of sections) reading.readServers(section);
  for (const proxy of reading.proxies) reading.readProxy(proxy);
  reading.found.finish();
  return accept({ additions: reading.found.additions, notUnderstood: reading.found.notUnderstood });
};

class Reading {
  readonly found = new ProxyAdditions();
  /** Those that listen. */
  readonly proxies: Proxy[] = [];
  readonly #backends = new Map<string, { readonly group: ProxyGroup; readonly proxy: Proxy }>();
  #outer: readonly Line[] = [];

  readServers(section: Section): void {
    const { type, name, lines, line } = section;
    if (type === "defaults") this.#outer = lines;
    if (!/^(frontend|backend|listen)$/.test(type)) {
      if (type !== "defaults") this.found.unused(`the section ${type}`, line);
      this.#tellOthers(lines.filter(() => type === "defaults"));
      return;
    }
    const outer = this.#outer;
    const mode = settingOf(lines, "mode") ?? settingOf(outer, "mode") ?? "tcp";
    const proxy: Proxy = { ...section, outer, mode };
    const group = readGroup(name, lines, { outer, found: this.found });
    if (group && type !== "frontend") this.#backends.set(name, { group, proxy });
    if (type !== "backend") this.proxies.push(proxy);
    this.#tellOthers(lines);
  }

  /** `http-request` and `acl` are told where they are read. */
  #tellOthers(lines: readonly Line[]): void {
    const known = [
      "mode",
      "bind",
      "server",
      "default-server",
      "balance",
      "default_backend",
      "use_backend",
      "acl",
    ];
    for (const { words, line } of lines) {
      const [name = ""] = words;
      if (!known.includes(name)) this.found.unused(/^[a-z_-]{1,40}$/.test(name) ? name : "a line", line);
    }
  }

  readProxy(proxy: Proxy): void {
    const { type, name, line, lines, mode, outer } = proxy;
    const listens = readBinds(lines, this.found);
    if (mode !== "tcp" && mode !== "http")
      return this.found.skip(`line ${line}`, `${type}: carries neither TCP nor HTTP.`);
    const uses = lines.filter(({ words }) => words[0] === "use_backend");
    const fallback = settingOf(lines, "default_backend") ?? settingOf(outer, "default_backend");
    const own = this.#backends.get(name);
    const whole =
      (fallback === undefined ? null : this.#backends.get(fallback)) ?? (type === "listen" ? own : null);
    const paths =
      mode === "http" ? pathRoutes(proxy, { uses, backends: this.#backends, found: this.found }) : [];
    const { found } = this;
    const named = mode === "tcp" ? readNames(proxy, { uses, backends: this.#backends, found }) : null;
    const names = this.#nameRoutes(named);
    if (!whole && paths.length === 0 && names.length === 0)
      return this.found.skip(`line ${line}`, `${type}: leads to no server that Shunt could use.`);
    for (const bind of listens) {
      const common = {
        ...{ listen: bind.listen, tls: bind.tls, carries: mode, upgrades: true, notes: [] },
        origin: `line ${bind.line}, bind ${bind.text}`,
        restricted: restrictionOf([...outer, ...lines]) ?? bind.restricted,
      } satisfies Partial<ProxyRoute>;
      const numbered = (one: string) => (bind.isOfRange ? `${one}-${bind.listen.port}` : one);
      if (bind.tls && names.length > 0) {
        found.skip(common.origin, "server names are asked for behind TLS of its own.");
        continue;
      }
      for (const route of [...paths, ...names])
        this.found.add({
          ...common,
          ...route,
          name: numbered(route.name),
          restricted: common.restricted ?? route.restricted,
        });
      if (!whole) continue;
      const rest = paths.length > 0 ? { path: "/" } : names.length > 0 ? { readsNames: true } : {};
      this.found.add({
        ...common,
        name: numbered(type === "listen" ? name : whole.group.name),
        groups: [whole.group],
        restricted: common.restricted ?? restrictionOf(whole.proxy.lines),
        ...rest,
      });
    }
  }

  #nameRoutes(named: NameRoutes<string> | null) {
    return (named?.routes ?? []).flatMap(({ target, names }) => {
      const backend = this.#backends.get(target);
      if (!backend || names === null) return [];
      return [
        {
          name: target,
          groups: [backend.group],
          readsNames: true,
          serverNames: names,
          notes: deepNote(names, named?.deep ?? []),
          restricted: restrictionOf(backend.proxy.lines),
        } satisfies Partial<ProxyRoute>,
      ];
    });
  }
}

function settingOf(lines: readonly Line[], name: string): string | undefined {
  return lines.findLast(({ words }) => words[0] === name)?.words[1];
}
