/** Connects to one endpoint of a backend: TCP, through its tunnel where it has one, and TLS where its scheme says so. */
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import { refuse } from "../failures.ts";
import type { BackendSocket } from "./backend-socket.ts";
import { endpointAddress } from "./endpoint-address.ts";
import type { DialOptions, OpenTcp } from "./open-tcp.ts";
import { secure } from "./secure.ts";

export interface DialHow extends DialOptions {
  /** The client's own TLS goes through: none is spoken here. */
  readonly tlsPassthrough?: boolean;
}

/** Never rejects. */
export type Dial = (
  backend: BackendConfig,
  kind: EndpointKind,
  options?: DialHow,
) => Promise<Reply<BackendSocket>>;

export function createDial(openTcp: OpenTcp): Dial {
  return (backend, kind, options = {}) => {
    const address = endpointAddress(backend, kind);
    if (!address)
      return Promise.resolve(refuse("ENDPOINT_MISSING", `Backend ${backend.id} has no ${kind} endpoint.`));
    const how = kind === "admin" && !address.tls ? { ...options, isAskedOften: true } : options;
    const connecting = openTcp(address, backend.via, how);
    if (!address.tls || options.tlsPassthrough) return connecting;
    return connecting.then((connected) =>
      connected.ok ? secure(connected.value, address, backend.tls ?? {}, options) : connected,
    );
  };
}
