import { type RefObject, useEffect, useRef } from "react";
import { focusFirstRow, focusWhenFree } from "./focus-when-free.ts";

/**
 * When the last row of a list takes the focus with it, what stands in the list's place has it: the way to the next one.
 * When that goes, the first row has it.
 */
export function useBlankFocus(screen: RefObject<HTMLElement | null>, isBlank: boolean): void {
  const wasBlank = useRef(isBlank);
  useEffect(() => {
    if (wasBlank.current === isBlank) return;
    wasBlank.current = isBlank;
    if (isBlank) focusWhenFree(() => screen.current?.querySelector<HTMLElement>(".blank button") ?? null);
    else focusFirstRow();
  });
}
