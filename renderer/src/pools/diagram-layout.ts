/** Where a pool's members and links are drawn. Pure. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const nodeWidth = 132;
export const nodeHeight = 34;

interface DiagramSize {
  readonly width: number;
  readonly height: number;
}

/** Two members lie side by side; more stand on an ellipse, the first on top. */
export function diagramSize(count: number): DiagramSize {
  if (count <= 2) return { width: 460, height: 104 };
  return { width: 460, height: count <= 4 ? 250 : 320 };
}

export function memberPlaces(count: number): readonly Point[] {
  const { width, height } = diagramSize(count);
  const middle = { x: width / 2, y: height / 2 };
  if (count === 1) return [middle];
  const reach = { x: (width - nodeWidth) / 2 - 4, y: (height - nodeHeight) / 2 - 8 };
  const start = count === 2 ? Math.PI : -Math.PI / 2;
  return Array.from({ length: count }, (_, at) => {
    const angle = start + (2 * Math.PI * at) / count;
    return { x: middle.x + reach.x * Math.cos(angle), y: middle.y + reach.y * Math.sin(angle) };
  });
}

interface LinkPath {
  readonly path: string;
  /** Where its word stands. */
  readonly label: Point;
}

/**
 * From the edge of one member to that of another, bent to its own side so that the way back is apart. `labelAt`: how far
 * along the way its word stands, 0 to 1.
 */
export function linkPath(from: Point, to: Point, labelAt: number): LinkPath {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
  const aside = { x: along.y, y: -along.x };
  const bend = 20;
  const shift = 7;
  const start = leave(from, along, aside, shift);
  const end = leave(to, { x: -along.x, y: -along.y }, aside, shift);
  const control = { x: (start.x + end.x) / 2 + aside.x * bend, y: (start.y + end.y) / 2 + aside.y * bend };
  const t = labelAt;
  const on = (a: number, b: number, c: number) => (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t ** 2 * c;
  const label = {
    x: on(start.x, control.x, end.x) + aside.x * 9,
    y: on(start.y, control.y, end.y) + aside.y * 9,
  };
  const at = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return { path: `M${at(start)} Q${at(control)} ${at(end)}`, label };
}

/** The point where a line that leaves a member's middle crosses its edge, moved a little aside. */
function leave(middle: Point, along: Point, aside: Point, shift: number): Point {
  const gap = 5;
  const byWidth = along.x === 0 ? Infinity : (nodeWidth / 2 + gap) / Math.abs(along.x);
  const byHeight = along.y === 0 ? Infinity : (nodeHeight / 2 + gap) / Math.abs(along.y);
  const way = Math.min(byWidth, byHeight);
  return { x: middle.x + along.x * way + aside.x * shift, y: middle.y + along.y * way + aside.y * shift };
}
