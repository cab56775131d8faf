/** Opens a Galvanometer by the means at hand: a window of the desktop, or an answer that says how. */
import type { Reply } from "../contract/commands.ts";
import type { ShuntConfig } from "../contract/config.ts";
import type { GalvanometerOpening, UncoveredPeer } from "../contract/galvanometer.ts";
import type { EngineHandle } from "../engine/engine-handle.ts";
import { accept, refuse } from "../failures.ts";
import { browserLimits, servedPages } from "../galvanometer/browser-ways.ts";

/** Shows a window on a backend's Galvanometer, or brings the one that is open to the front. */
export type ShowGalvanometer = (
  backend: string,
) => Promise<Reply<{ readonly address: string; readonly uncovered: readonly UncoveredPeer[] }>>;

interface GalvanometerMeans {
  readonly config: ShuntConfig;
  /** Null where there is none that another process could read. */
  readonly configFile: string | null;
  readonly engine: EngineHandle;
  /** Absent where there is no desktop. */
  readonly show?: ShowGalvanometer | undefined;
}

export async function openGalvanometer(
  id: string,
  means: GalvanometerMeans,
): Promise<Reply<GalvanometerOpening>> {
  const { config, configFile, engine, show } = means;
  const backend = config.backends.find((one) => one.id === id);
  if (!backend) return refuse("NOT_FOUND", `There is no backend ${id}.`);
  if (backend.admin === undefined)
    return refuse("ENDPOINT_MISSING", `Backend ${id} has no admin endpoint, which serves the Galvanometer.`);
  const common = { backend: id, pages: servedPages(config, backend), limits: browserLimits(config, backend) };
  if (show) {
    const shown = await show(id);
    return shown.ok ? accept({ ...common, how: "window", command: null, ...shown.value }) : shown;
  }
  const peers = await engine.uncoveredPeers(id);
  return accept({
    ...common,
    how: "browser",
    address: `${backend.admin.replace(/\/$/, "")}/`,
    uncovered: peers.ok ? peers.value : [],
    command: configFile === null ? null : `shunt galvanometer ${id} --config ${quoted(configFile)}`,
  });
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
