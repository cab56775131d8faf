/** Where the main window opens: as it was left, if that is still somewhere an operator can see and grab it. */

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowState {
  readonly bounds: Bounds;
  readonly maximised: boolean;
}

export const minimumSize = { width: 800, height: 600 } as const;
const defaultSize = { width: 1280, height: 820 } as const;

/** How much of the title bar must lie on a display, so that it can be dragged. */
const grabWidth = 120;
const grabHeight = 32;

/** The bounds to open with, in screen pixels. `workAreas`: one per display, the primary first. */
export function chooseBounds(saved: Bounds | null, workAreas: readonly Bounds[]): Bounds {
  const primary = workAreas[0] ?? { x: 0, y: 0, ...defaultSize };
  if (saved === null) return centred(defaultSize, primary);
  const home = workAreas.find((area) => canGrab(saved, area));
  return home === undefined ? centred(saved, primary) : { ...saved, ...fitted(saved, home) };
}

function canGrab(window: Bounds, area: Bounds): boolean {
  const left = Math.max(window.x, area.x);
  const right = Math.min(window.x + window.width, area.x + area.width);
  return right - left >= grabWidth && window.y >= area.y && window.y + grabHeight <= area.y + area.height;
}

function centred(wanted: { width: number; height: number }, area: Bounds): Bounds {
  const { width, height } = fitted(wanted, area);
  return {
    x: Math.round(area.x + Math.max(0, area.width - width) / 2),
    y: Math.round(area.y + Math.max(0, area.height - height) / 2),
    width,
    height,
  };
}

/** No smaller than the minimum, no larger than the display, the minimum winning on a tiny display. */
function fitted(wanted: { width: number; height: number }, area: Bounds): { width: number; height: number } {
  return {
    width: Math.max(minimumSize.width, Math.min(wanted.width, area.width)),
    height: Math.max(minimumSize.height, Math.min(wanted.height, area.height)),
  };
}
