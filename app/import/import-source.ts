/**
 * What a kind of file gives to an import. To add a kind: write its `ImportSource`, a request in `contract/import.ts`, and
 * a case in `preview-import.ts`.
 *
 *     text ──ImportSource──▶ additions under ids of their own ──planImport──▶ items under ids that are free
 */
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, PoolConfig, RouteConfig, TunnelConfig } from "../contract/config.ts";
import type { NotUnderstood } from "../contract/import.ts";

/** A row with where it comes from; its references name other rows of the same additions. */
export interface Found<Row> {
  readonly row: Row;
  readonly origin: string;
  /** Default true. */
  readonly suggested?: boolean;
  readonly note?: string | null;
}

export interface FoundBackend extends Found<BackendConfig> {
  /** The id of the configured backend that this one is for certain. */
  readonly is?: string;
}

export interface FoundRoute extends Found<RouteConfig> {
  /** The source does not say where to listen: any free address is as good. Default false. */
  readonly anyListen?: boolean;
}

export interface Additions {
  readonly tunnels: readonly Found<TunnelConfig>[];
  readonly backends: readonly FoundBackend[];
  readonly pools: readonly Found<PoolConfig>[];
  readonly routes: readonly FoundRoute[];
}

export interface Understood {
  readonly additions: Additions;
  readonly notUnderstood: readonly NotUnderstood[];
}

/** Pure. Fails with IMPORT_UNREADABLE where the text is not of its kind at all. */
export type ImportSource<Options> = (text: string, options: Options) => Reply<Understood>;

export const nothing: Additions = { tunnels: [], backends: [], pools: [], routes: [] };

/** A larger file is refused before it is parsed (reliability section 4, XML). */
export const longestImportBytes = 5 * 1024 * 1024;
