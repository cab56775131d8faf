/** Keyboard movement in a grid whose rows take the focus: one row is in the tab order, arrows go on from there. */
import type { KeyboardEvent, MouseEvent } from "react";

const rowSelector = "[data-row]";
const stopSelector = "button:not([disabled]), input:not([disabled]), a[href], [role=slider]";

/** Moves the focus into a row's buttons and back out for → and ←; true when it did. */
export function moveAlongRow(event: KeyboardEvent<HTMLElement>): boolean {
  if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return false;
  const target = event.target as HTMLElement;
  const row = target.closest<HTMLElement>(rowSelector);
  const next = row && alongRow(row, target, event.key === "ArrowRight" ? 1 : -1);
  if (!next) return false;
  event.preventDefault();
  next.focus();
  return true;
}

/** Does what a key means on the row itself; within the row it is its buttons'. */
export function actOnRow(
  event: KeyboardEvent<HTMLElement>,
  actions: Readonly<Record<string, () => void>>,
): void {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

/** Puts the focus on the row that Tab comes to; false where nothing is listed. */
export function focusCurrentRow(): boolean {
  const row = document.querySelector<HTMLElement>("[data-row][tabindex='0']");
  row?.focus();
  return row !== null;
}

/** Opens the menu at a row's end, for the other mouse button and the menu key; not over a selected text. */
export function openRowMenu(event: MouseEvent<HTMLElement>): void {
  const button = event.currentTarget.querySelector<HTMLElement>("[aria-haspopup]");
  if (!button || getSelection()?.isCollapsed === false) return;
  event.preventDefault();
  button.click();
}

/** Right goes into the row's buttons, left back out to the row itself. */
function alongRow(row: HTMLElement, at: HTMLElement, step: 1 | -1): HTMLElement | null {
  const stops = [row, ...row.querySelectorAll<HTMLElement>(stopSelector)];
  return stops[stops.indexOf(at) + step] ?? null;
}
