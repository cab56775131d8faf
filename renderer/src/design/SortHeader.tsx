import { ArrowDown, ArrowUp } from "lucide-react";

interface SortHeaderProps {
  readonly title: string;
  /** Names the column for the style sheet. */
  readonly name: string;
  readonly hint?: string;
  readonly onSort?: () => void;
  readonly direction: "ascending" | "descending" | "none";
}

/** The head of a table column; one that sorts is a button and says which way it is sorted. */
export function SortHeader({ title, name, hint, onSort, direction }: SortHeaderProps) {
  return (
    <th scope="col" data-column={name} {...(onSort && { "aria-sort": direction })}>
      {onSort ? (
        <button type="button" className="sort" onClick={onSort} title={hint}>
          {title}
          {direction === "ascending" && <ArrowUp aria-hidden />}
          {direction === "descending" && <ArrowDown aria-hidden />}
        </button>
      ) : (
        <span title={hint}>{title}</span>
      )}
    </th>
  );
}
