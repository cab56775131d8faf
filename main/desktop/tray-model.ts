/** What the tray shows, as plain data made from the saved configuration and the snapshot. */
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { RouteStatus } from "../../app/contract/snapshot.ts";
import type { MirroredSnapshot } from "./live-mirror.ts";
import { plural } from "./quit-decision.ts";

/** `idle`: nothing listens; `warn`: something that is wanted does not work. */
export type TrayIcon = "idle" | "ok" | "warn";

export type TrayItem =
  | { readonly kind: "text"; readonly label: string }
  | { readonly kind: "separator" }
  | { readonly kind: "group"; readonly label: string; readonly items: readonly TrayItem[] }
  | { readonly kind: "route"; readonly id: string; readonly label: string; readonly enabled: boolean }
  | {
      readonly kind: "enable";
      readonly label: string;
      readonly ids: readonly string[];
      readonly enabled: boolean;
    }
  | { readonly kind: "restart"; readonly id: string; readonly label: string }
  | { readonly kind: "open" | "quit"; readonly label: string };

interface TrayModel {
  readonly icon: TrayIcon;
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

/** What the tray is made from; null until the service has answered. */
export interface TrayFacts {
  readonly config: ShuntConfig | null;
  readonly snapshot: MirroredSnapshot | null;
  /** False after the engine thread has ended and until it runs again. */
  readonly engineAlive: boolean;
}

const noEnvironment = "No environment";

interface KnownFacts {
  readonly config: ShuntConfig;
  readonly snapshot: MirroredSnapshot;
  readonly engineAlive: boolean;
}

export function trayModel({ config, snapshot, engineAlive }: TrayFacts): TrayModel {
  const ending: readonly TrayItem[] = [
    { kind: "separator" },
    { kind: "open", label: "Open Shunt" },
    { kind: "quit", label: "Quit Shunt" },
  ];
  if (config === null || snapshot === null)
    return {
      icon: "idle",
      tooltip: "Shunt: starting",
      items: [{ kind: "text", label: "Starting…" }, ...ending],
    };
  const facts: KnownFacts = { config, snapshot, engineAlive };
  const wanted = snapshot.routes.filter((route) => route.state !== "stopped");
  const troubled = wanted.filter(isTroubled);
  const state = stateLine(facts, wanted, troubled);
  const open = snapshot.routes.reduce((sum, route) => sum + route.connections.open, 0);
  return {
    icon: !engineAlive || troubled.length > 0 ? "warn" : wanted.length > 0 ? "ok" : "idle",
    tooltip: `Shunt: ${state}`,
    items: [
      { kind: "text", label: state },
      { kind: "text", label: plural(open, "connection") },
      ...routeItems(facts),
      ...ending,
    ],
  };
}

/** How many routes are wanted and do not work. */
export function countTroubled(routes: readonly RouteStatus[]): number {
  return routes.filter(isTroubled).length;
}

/** As the window counts them (`renderer/src/routes/route-condition.ts`). */
function isTroubled({ state, targetHealth }: RouteStatus): boolean {
  if (state === "listening") return targetHealth === "down" || targetHealth === "degraded";
  return state === "failed" || state === "held" || state === "degraded";
}

function stateLine(
  facts: KnownFacts,
  wanted: readonly RouteStatus[],
  troubled: readonly RouteStatus[],
): string {
  if (!facts.engineAlive) return "The engine has stopped and is being started again";
  if (facts.config.routes.length === 0) return "No routes yet";
  const running = `${wanted.length} of ${plural(facts.config.routes.length, "route")} started`;
  return troubled.length === 0 ? running : `${running}, ${troubled.length} in trouble`;
}

function routeItems({ config, snapshot }: KnownFacts): readonly TrayItem[] {
  if (config.routes.length === 0) return [];
  const groups = new Map<string, TrayItem[]>();
  for (const route of config.routes) {
    const environment = environmentOf(config, route.target);
    const status = snapshot.routes.find((candidate) => candidate.id === route.id);
    const items = groups.get(environment) ?? [];
    items.push({
      kind: "route",
      id: route.id,
      label: routeLabel(route.id, status),
      enabled: route.enabled !== false,
    });
    groups.set(environment, items);
  }
  const sorted = [...groups].sort(
    ([a], [b]) => Number(a === noEnvironment) - Number(b === noEnvironment) || a.localeCompare(b),
  );
  const lists: readonly TrayItem[] =
    sorted.length === 1
      ? (sorted[0]?.[1] ?? [])
      : sorted.map(([label, items]) => ({
          kind: "group",
          label,
          items: [
            ...items,
            { kind: "separator" },
            ...startAndStop(items, ` in ${label}`),
            ...restarts(items, snapshot),
          ],
        }));
  const all = [...groups.values()].flat();
  return [
    { kind: "separator" },
    ...lists,
    { kind: "separator" },
    ...startAndStop(all, ""),
    ...(sorted.length === 1 ? restarts(all, snapshot) : []),
  ];
}

/** Starts what of these routes is off, and stops what is on. */
function startAndStop(items: readonly TrayItem[], where: string): readonly TrayItem[] {
  const idsThatAre = (enabled: boolean) =>
    items.flatMap((item) => (item.kind === "route" && item.enabled === enabled ? [item.id] : []));
  return [
    { kind: "enable", label: `Start all${where}`, ids: idsThatAre(false), enabled: true },
    { kind: "enable", label: `Stop all${where}`, ids: idsThatAre(true), enabled: false },
  ];
}

/** Opens listeners afresh; beside each route is what that would end. */
function restarts(items: readonly TrayItem[], { routes }: MirroredSnapshot): readonly TrayItem[] {
  const running = items.flatMap((item): TrayItem[] => {
    if (item.kind !== "route" || !item.enabled) return [];
    const open = routes.find(({ id }) => id === item.id)?.connections.open ?? 0;
    return [
      {
        kind: "restart",
        id: item.id,
        label: open === 0 ? item.id : `${item.id} (${plural(open, "connection")})`,
      },
    ];
  });
  return running.length === 0 ? [] : [{ kind: "group", label: "Restart", items: running }];
}

/** The environment of the backend that a route goes to; a pool's is that of its first member. */
function environmentOf(config: ShuntConfig, target: string): string {
  const member = config.pools.find((pool) => pool.id === target)?.members[0] ?? target;
  return config.backends.find((backend) => backend.id === member)?.environment ?? noEnvironment;
}

/** The word beside the name says the state, since a check mark only says what is wanted. */
function routeLabel(id: string, status: RouteStatus | undefined): string {
  if (status === undefined || status.state === "stopped") return id;
  const said = [
    ...(status.state === "listening" ? [] : [status.state]),
    ...(status.state === "listening" && isTroubled(status) ? [`backend ${status.targetHealth}`] : []),
    ...(status.conditions === null ? [] : ["under conditions"]),
  ];
  return said.length === 0 ? id : `${id} (${said.join(", ")})`;
}
