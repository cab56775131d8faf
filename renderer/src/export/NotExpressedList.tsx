import type { NotExpressed } from "../../../app/contract/export.ts";
import { useState } from "react";
import { MoreButton, pageLength } from "../design/MoreButton.tsx";
import { StateMark } from "../design/StateMark.tsx";
import type { Condition } from "../routes/route-condition.ts";

const outcomes: Readonly<Record<NotExpressed["outcome"], Condition>> = {
  refused: { tone: "bad", shape: "cross", word: "Refused", trouble: true },
  "left-out": { tone: "warn", shape: "triangle", word: "Left out", trouble: true },
  differs: { tone: "idle", shape: "ring", word: "Differs", trouble: false },
};

const order = ["refused", "left-out", "differs"] as const;

/** What the format cannot say as Shunt does it, the gravest first. */
export function NotExpressedList({ list }: { readonly list: readonly NotExpressed[] }) {
  const [shownCount, setShownCount] = useState(pageLength);
  const sorted = [...list].sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
  return (
    <ul className="not-expressed" aria-label="What the export cannot say as Shunt does it">
      {sorted.slice(0, shownCount).map((one, index) => {
        const { outcome, reason } = one;
        const about = one.route ?? one.pool ?? one.backend;
        return (
          <li key={index} data-outcome={outcome}>
            <span className="state-word" data-tone={outcomes[outcome].tone}>
              <StateMark condition={outcomes[outcome]} />
              {outcomes[outcome].word}
            </span>
            <span>
              {about !== null && !reason.includes(about) && <strong>{about} </strong>}
              {reason}
            </span>
          </li>
        );
      })}
      {sorted.length > shownCount && (
        <li>
          <MoreButton
            left={sorted.length - shownCount}
            onMore={() => setShownCount(shownCount + pageLength)}
          />
        </li>
      )}
    </ul>
  );
}
