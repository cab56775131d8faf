/**
 * Gives the focus to what is found, as soon as it is there and no dialog has the focus, and again where a closing dialog
 * takes it away; to nothing where something else has it.
 */
export function focusWhenFree(find: () => HTMLElement | null, framesLeft = 120): void {
  const isFree = document.activeElement === document.body;
  if (isFree) find()?.focus();
  if (framesLeft > 0 && (isFree || document.querySelector("[role=dialog], [role=alertdialog]")))
    requestAnimationFrame(() => focusWhenFree(find, framesLeft - 1));
}

/** As soon as there is a row. */
export function focusFirstRow(): void {
  focusWhenFree(() => document.querySelector<HTMLElement>("[data-row]"));
}
