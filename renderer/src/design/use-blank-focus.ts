import { type RefObject, useEffect, useRef } from "react";

/** When the last row of a list takes the focus with it, what stands in the list's place has it: the way to the next one. */
export function useBlankFocus(screen: RefObject<HTMLElement | null>, isBlank: boolean): void {
  const hadRows = useRef(!isBlank);
  useEffect(() => {
    if (isBlank && hadRows.current && document.activeElement === document.body)
      screen.current?.querySelector<HTMLElement>(".blank button")?.focus();
    hadRows.current = !isBlank;
  });
}
