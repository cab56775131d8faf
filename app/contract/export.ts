/** Exports: the saved routes as files for engines, clients and AMPS itself, and what those files cannot say. */

export type ExportFormat = "nginx" | "haproxy" | "envoy" | "amps" | "clients" | "json";

export interface ExportRequest {
  readonly format: ExportFormat;
  /** The name under which clients reach the machine that will run the export; without it everything stays on loopback. */
  readonly publicHost?: string;
  /** Leaves out, with a comment, what the format cannot express; without it such a thing refuses the export. */
  readonly annotate?: boolean;
}

export interface ExportedFile {
  /** A file name without a folder: `shunt-nginx.conf`, `shunt-tunnel-bastion.service`. */
  readonly name: string;
  readonly language: "nginx" | "haproxy" | "yaml" | "xml" | "systemd" | "text" | "json";
  readonly text: string;
}

export type NotExpressedCode =
  // a function of Shunt that the engine does not have
  | "TUNNEL_SSH"
  | "TUNNEL_PROXY"
  | "GUARD"
  | "ROLE"
  | "TLS_NAMES"
  | "TLS_ADDRESS"
  | "UNSAFE_TEXT"
  | "NO_ENDPOINT"
  | "NOT_APPLICABLE"
  // carried, but not as Shunt does it
  | "BALANCE"
  | "STICKY"
  | "PREFLIGHT"
  | "FIRST_BYTES"
  | "SERVER_NAMES"
  | "HEALTH_CHECK"
  | "FILES"
  | "PLACEHOLDERS"
  | "BIND_ALL"
  | "HALF_CLOSE"
  | "RESET"
  | "CROSS_SITE"
  | "HOST_HEADER"
  | "AGENT"
  | "REACHABLE_ONLY_HERE";

export interface NotExpressed {
  readonly code: NotExpressedCode;
  /**
   * `refused`: there are no files because of it. `left-out`: a comment stands in its place (`annotate`).
   * `differs`: it is carried in another way than Shunt does it.
   */
  readonly outcome: "refused" | "left-out" | "differs";
  readonly route: string | null;
  readonly pool: string | null;
  readonly backend: string | null;
  /** One sentence for the operator. */
  readonly reason: string;
}

export interface ExportPreview {
  /** Empty where something was refused. */
  readonly files: readonly ExportedFile[];
  readonly notExpressed: readonly NotExpressed[];
}
