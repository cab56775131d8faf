import { Button } from "./Button.tsx";
import { formatCount } from "./format.ts";

/** How much of a list that nobody reads to its end is in the page at first, and comes with each press. */
export const pageLength = 200;

/** The rest of a long list, a page at a time: thousands of rows at once would hold the window up. */
export function MoreButton({ left, onMore }: { readonly left: number; readonly onMore: () => void }) {
  return (
    <Button size="small" onPress={onMore}>
      Show {formatCount(Math.min(left, pageLength))} of {formatCount(left)} more
    </Button>
  );
}
