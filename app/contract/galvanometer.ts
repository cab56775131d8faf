/** What opening a Galvanometer gives, and what the UI says where a browser cannot do what the desktop can. */

/** An instance that replication statistics name and no backend covers. */
export interface UncoveredPeer {
  /** The instance's own name; empty where the statistics have none. */
  readonly name: string;
  /** `http://amps-prod-3:8085`: what a backend for it would have as `admin`. */
  readonly admin: string;
}

/** An address that a Galvanometer asked for and was refused, since nothing names it. */
export interface RefusedTarget {
  /** `host:port`, in its one spelling. */
  readonly address: string;
  /** What it was asked for as: a page or statistics, or the SQL page's websocket. */
  readonly use: "admin" | "websocket";
}

/** One thing that a plain browser cannot do, and the AMPS element that would make it work there. */
export interface BrowserLimit {
  readonly what: string;
  readonly why: string;
  /** Where the element belongs and on which instance. */
  readonly where: string;
  /** The XML fragment. */
  readonly fragment: string;
}

/** A page of the backend that Shunt's own routes serve to any browser. */
export interface ServedPage {
  readonly route: string;
  readonly url: string;
  /** True where the SQL page works there as well. */
  readonly sql: boolean;
}

export interface GalvanometerOpening {
  readonly backend: string;
  /** `window`: it is open. `browser`: nothing was opened; the rest says what can be. */
  readonly how: "window" | "browser";
  /** The instance's real address: `http://amps-prod-1:8085/`. */
  readonly address: string;
  readonly uncovered: readonly UncoveredPeer[];
  readonly pages: readonly ServedPage[];
  readonly limits: readonly BrowserLimit[];
  /** The command that opens a browser of its own through the forward proxy; null in the desktop app, and where no file has the backend. */
  readonly command: string | null;
}
