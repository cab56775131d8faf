/** Puts the cursor into the filter of the screen in front; a screen without one is left as it is. */
export function focusFilter(): void {
  const filter = document.querySelector<HTMLInputElement>("[data-filter] input");
  filter?.focus();
  filter?.select();
}
