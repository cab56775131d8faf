/** Keyboard movement in a grid whose rows take the focus: one row is in the tab order, arrows go on from there. */
import type { KeyboardEvent, MouseEvent } from "react";

const rowSelector = "[data-row]";
const stopSelector = "button:not([disabled]), input:not([disabled]), a[href], [role=slider]";

/** Moves the focus for an arrow, Home, End or Page key; true when it did. */
export function moveInGrid(event: KeyboardEvent<HTMLElement>): boolean {
  if (event.altKey || event.ctrlKey || event.metaKey) return false;
  const grid = event.currentTarget;
  const target = event.target as HTMLElement;
  const row = target.closest<HTMLElement>(rowSelector);
  if (!row) return false;
  const next = nextStop(grid, row, target, event.key);
  if (!next) return false;
  event.preventDefault();
  next.focus();
  return true;
}

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

function nextStop(grid: HTMLElement, row: HTMLElement, at: HTMLElement, key: string): HTMLElement | null {
  const rows = [...grid.querySelectorAll<HTMLElement>(rowSelector)];
  const index = rows.indexOf(row);
  switch (key) {
    case "ArrowDown":
      return rows[index + 1] ?? null;
    case "ArrowUp":
      return rows[index - 1] ?? null;
    case "PageDown":
      return rows[Math.min(index + 10, rows.length - 1)] ?? null;
    case "PageUp":
      return rows[Math.max(index - 10, 0)] ?? null;
    case "Home":
      return rows[0] ?? null;
    case "End":
      return rows.at(-1) ?? null;
    case "ArrowRight":
    case "ArrowLeft":
      return alongRow(row, at, key === "ArrowRight" ? 1 : -1);
    default:
      return null;
  }
}

/** Right goes into the row's buttons, left back out to the row itself. */
function alongRow(row: HTMLElement, at: HTMLElement, step: 1 | -1): HTMLElement | null {
  const stops = [row, ...row.querySelectorAll<HTMLElement>(stopSelector)];
  return stops[stops.indexOf(at) + step] ?? null;
}
