/**
 * Taking over what other files say. A source is read into items; what the operator chooses of them is saved with
 * `config.put`, and nothing before. Passwords, keys and options that a source holds beside addresses are never read out.
 */
import type { BackendConfig, PoolConfig, RouteConfig, TunnelConfig } from "./config.ts";

/** Proxies whose configuration is understood in part. */
type ProxySource = "nginx" | "haproxy";

export type ImportRequest =
  /**
   * The text of an ssh_config(5); null: ~/.ssh/config of the machine that Shunt runs on. `optional`: where that cannot be
   * read or says nothing, the preview is empty and no failure.
   */
  | { readonly source: "ssh-config"; readonly text: string | null; readonly optional?: boolean }
  /**
   * The text of an AMPS configuration file. `host`: where its instance runs, for transports that listen on every
   * address; `via`: the tunnel that leads there.
   */
  | {
      readonly source: "amps-config";
      readonly text: string;
      readonly host: string | null;
      readonly via: string | null;
    }
  /** The text of another proxy's configuration: an nginx.conf or haproxy.cfg. */
  | { readonly source: ProxySource; readonly text: string }
  /** The configuration that a backend's instance runs with, read from its admin endpoint. */
  | { readonly source: "amps-instance"; readonly backend: string };

type ImportedRow =
  | { readonly kind: "tunnel"; readonly row: TunnelConfig }
  | { readonly kind: "backend"; readonly row: BackendConfig }
  | { readonly kind: "pool"; readonly row: PoolConfig }
  | { readonly kind: "route"; readonly row: RouteConfig };

export type ImportItem = ImportedRow & {
  /** Unique in a preview: `backend prod-1`. */
  readonly key: string;
  /** What of the source it stands for: `Transport any-tcp`, `LocalForward 9007 amps-1:9007`. */
  readonly origin: string;
  /** `changed` takes the place of the row with its id; `known` is there already, and there is nothing to do. */
  readonly status: "new" | "changed" | "known";
  /** Whether it is chosen unless the operator says otherwise. */
  readonly suggested: boolean;
  /** What is to be known of it before it is taken over. */
  readonly note: string | null;
  /** Keys of the items without which this one cannot be. */
  readonly needs: readonly string[];
};

/** A part of the source that gave no item, and why. Holds no value that could be a secret. */
export interface NotUnderstood {
  /** `Transport unix`, `Host gate`. */
  readonly where: string;
  readonly what: string;
}

export interface ImportPreview {
  readonly items: readonly ImportItem[];
  readonly notUnderstood: readonly NotUnderstood[];
}
