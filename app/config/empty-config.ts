import type { ShuntConfig } from "../contract/config.ts";

/** A configuration with nothing in it. */
export const emptyConfig: ShuntConfig = { version: 1, tunnels: [], backends: [], pools: [], routes: [] };
