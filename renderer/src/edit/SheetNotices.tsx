import type { ConfigProblem } from "../../../app/contract/config.ts";
import type { Failure } from "../../../app/contract/failures.ts";

interface SheetNoticesProps {
  readonly conflict: boolean;
  readonly failure: Failure | null;
  readonly ofRow: readonly string[];
  readonly elsewhere: readonly ConfigProblem[];
}

/** What stands in the way of saving and belongs to no field of the form. */
export function SheetNotices({ conflict, failure, ofRow, elsewhere }: SheetNoticesProps) {
  return (
    <>
      {conflict && (
        <div className="notice" data-tone="warn" role="alert">
          The configuration was changed elsewhere while you were editing. It has been loaded anew and your
          input is kept: look it over and save again.
        </div>
      )}
      {failure && (
        <div className="notice" data-tone="bad" role="alert">
          <strong>{failure.message}</strong> {failure.advice}
          {failure.problems && <ProblemList problems={failure.problems} />}
        </div>
      )}
      {ofRow.map((message) => (
        <div key={message} className="notice" data-tone="bad">
          {message}
        </div>
      ))}
      {elsewhere.length > 0 && (
        <div className="notice" data-tone="warn">
          Elsewhere in the configuration:
          <ProblemList problems={elsewhere} />
        </div>
      )}
    </>
  );
}

/** Problems with their paths, one a line. */
export function ProblemList({ problems }: { readonly problems: readonly ConfigProblem[] }) {
  return (
    <ul className="problems">
      {problems.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          <code>{path || "document"}</code>: {message}
        </li>
      ))}
    </ul>
  );
}
