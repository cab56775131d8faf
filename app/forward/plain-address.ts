/** Which backends the native addon can dial: those that are reached without a tunnel and without TLS. */
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import type { HostPort } from "../config/address.ts";
import { endpointAddress } from "./endpoint-address.ts";

export function plainAddress(backend: BackendConfig, kind: EndpointKind): HostPort | null {
  const address = backend.via === undefined ? endpointAddress(backend, kind) : null;
  return address && !address.tls ? address : null;
}
