import { memo } from "react";

interface FigureProps {
  readonly value: string;
  /** As wide as any number of as many digits; otherwise as wide as there is room. */
  readonly fitted?: boolean;
}

/** A figure that changes all day, in a place that does not: it alone is laid out anew, not what it stands in. */
export const Figure = memo(function Figure({ value, fitted = false }: FigureProps) {
  const like = fitted ? value.replace(/\d/g, "0") : "0";
  return (
    <span className="figure" data-like={like} data-fitted={fitted}>
      <span>{value}</span>
    </span>
  );
});
