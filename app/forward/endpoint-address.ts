/** The address of a backend's endpoint. */
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import { parseEndpoint, type EndpointAddress } from "../config/address.ts";

/** A backend's configuration never changes once it is applied, and every connection asks. */
const addresses = new WeakMap<BackendConfig, Partial<Record<EndpointKind, EndpointAddress | null>>>();

/** Null where the backend has no such endpoint. */
export function endpointAddress(backend: BackendConfig, kind: EndpointKind): EndpointAddress | null {
  const known = addresses.get(backend) ?? {};
  addresses.set(backend, known);
  return (known[kind] ??= parseEndpoint(kind, backend[kind] ?? ""));
}
