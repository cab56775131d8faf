/** Every cell of the decision table in amps-facts 6.3, written out as it stands there. */
import { describe, expect, test } from "vitest";
import type { ClientRole } from "../../app/contract/config.ts";
import type { LinkState } from "../../app/contract/snapshot.ts";
import { decide, type Verdict } from "../../app/guard/decision-table.ts";

const columns: readonly LinkState[] = ["sync", "disconnected", "downgraded", "async", "none", "unknown"];

const table: Readonly<Record<ClientRole, readonly Verdict[]>> = {
  publishers: ["allow", "warn", "refuse", "refuse", "refuse", "refuse"],
  "queue-consumers": ["allow", "warn", "refuse", "refuse", "refuse", "refuse"],
  "bookmark-subscribers": ["allow", "warn", "refuse", "refuse", "refuse", "refuse"],
  // A role that is not known is treated as a publisher's.
  mixed: ["allow", "warn", "refuse", "refuse", "refuse", "refuse"],
  subscribers: ["allow", "warn", "warn", "warn", "refuse", "warn"],
};

const roles = Object.keys(table) as ClientRole[];

describe.each(roles)("%s", (role) => {
  test.each(columns.map((state, at) => [state, table[role][at]] as const))(
    "across a link that is %s: %s",
    (state, verdict) => {
      const decision = decide(role, state);
      expect(decision.verdict).toBe(verdict);
      expect(decision.why).toMatch(/^[A-Z].*\.$/);
    },
  );
});
