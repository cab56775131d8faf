/** What a native door does with a client of a route. */
import type { HostPort } from "../config/address.ts";
import type { BackendConfig } from "../contract/config.ts";

export type Entrance =
  /** All of it is for JavaScript. */
  | { readonly how: "pass" }
  /** A backend is chosen for each client. */
  | { readonly how: "ask" }
  /** There is no choice, and the address is a literal one. */
  | {
      readonly how: "dial";
      readonly backend: BackendConfig;
      readonly why: string;
      readonly address: HostPort;
    };
