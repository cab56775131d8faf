/** Which backends the native addon can dial: those that are reached without a tunnel and without TLS. */
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import { parseEndpoint, type HostPort } from "../config/address.ts";

export function plainAddress(backend: BackendConfig, kind: EndpointKind): HostPort | null {
  const url = backend[kind];
  const address = url === undefined || backend.via !== undefined ? null : parseEndpoint(kind, url);
  return address && !address.tls ? address : null;
}
