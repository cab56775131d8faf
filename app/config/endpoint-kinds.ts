import type { EndpointKind } from "../contract/config.ts";

/** In the order in which a backend's endpoints are shown, probed and tested. */
export const endpointKinds = [
  "amps",
  "websocket",
  "admin",
  "replication",
] as const satisfies readonly EndpointKind[];
