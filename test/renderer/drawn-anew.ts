/** Which parts of the page React draws anew, and how much of it the browser lays out and paints. */
import type { Page } from "playwright-core";

/** As React's tools see a node of its tree. */
interface Fiber {
  readonly tag: number;
  readonly flags: number;
  readonly stateNode: unknown;
  readonly child: Fiber | null;
  readonly sibling: Fiber | null;
  readonly return: Fiber | null;
  readonly alternate: Fiber | null;
}

declare global {
  interface Window {
    drawnAnew?: Set<string>;
  }
}

/**
 * To be put into a page before its own scripts. Notes in `drawnAnew` where each component stands that was drawn again:
 * `row ID`, `column NAME` of a row's cell, the name of a part of a screen, or the tag of the part of the window.
 */
export function watchDrawing(): void {
  const components = [0, 1, 11, 15];
  const performedWork = 1;
  const placeOf = (fiber: Fiber): string => {
    let host: Fiber | null = fiber;
    while (host && !(host.stateNode instanceof Element)) host = host.return;
    const element = host?.stateNode as Element | undefined;
    const column = element?.closest<HTMLElement>("td[data-column]")?.dataset["column"];
    if (column !== undefined) return `column ${column}`;
    const cell = element?.closest<HTMLElement>("[role='row'][data-row]");
    if (cell) return `row ${cell.dataset["row"] ?? ""}`;
    const row = element?.closest<HTMLElement>("tr[data-row], tbody[data-index]");
    if (row) return `row ${row.querySelector(".route-id")?.textContent ?? ""}`;
    const part = element?.closest(".toolbar, .vgrid, .route-figures, section[aria-labelledby]");
    if (part) return part.getAttribute("aria-labelledby") ?? part.className.split(" ")[0] ?? "";
    return element?.closest("nav, header, footer, main, .app")?.tagName.toLowerCase() ?? "page";
  };
  // As React's own tools walk it: a part whose child is the same was not come to.
  const visit = (now: Fiber, before: Fiber): void => {
    if (components.includes(now.tag) && (now.flags & performedWork) !== 0)
      window.drawnAnew?.add(placeOf(now));
    if (now.child === before.child) return;
    for (let child = now.child; child; child = child.sibling)
      if (child.alternate) visit(child, child.alternate);
  };
  Object.assign(window, {
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      inject: () => 1,
      onCommitFiberRoot: (_id: number, { current }: { readonly current: Fiber }) => {
        if (current.alternate) visit(current, current.alternate);
      },
      onCommitFiberUnmount: () => undefined,
    },
  });
}

/** What a step draws anew, sorted, and how many layouts until two frames later. The page's own clock has to stand still. */
export async function drawnBy(
  page: Page,
  step: () => void,
): Promise<{ readonly places: readonly string[]; readonly layouts: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const layouts = async (): Promise<number> =>
    (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name === "LayoutCount")
      ?.value ?? NaN;
  const twoFrames = () => page.screenshot();
  await twoFrames();
  const before = await layouts();
  await page.evaluate(() => void (window.drawnAnew = new Set()));
  await page.evaluate(step);
  await twoFrames();
  const places = await page.evaluate(() => [...(window.drawnAnew ?? [])].sort());
  const count = (await layouts()) - before;
  await session.detach();
  return { places, layouts: count };
}

/** What the browser writes down of a layout. */
interface TraceEvent {
  readonly name: string;
  readonly args: { readonly beginData?: { readonly totalObjects: number } };
}

/** How many objects are within what the browser lays out for a step. The page's own clock has to stand still. */
export async function laidOutBy(page: Page, step: () => void): Promise<number> {
  const browser = page.context().browser();
  if (!browser) throw new Error("The page's browser is not known.");
  await page.screenshot();
  await browser.startTracing(page, { categories: ["devtools.timeline"] });
  await page.evaluate(step);
  await page.screenshot();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  return traceEvents
    .filter(({ name }) => name === "Layout")
    .reduce((sum, { args }) => sum + (args.beginData?.totalObjects ?? 0), 0);
}

/** How many layers the page has at most: before a step, and until the frame after it. */
export async function layersAround(page: Page, step: () => void) {
  const session = await page.context().newCDPSession(page);
  let most = 0;
  session.on("LayerTree.layerTreeDidChange", ({ layers }) => (most = Math.max(most, layers?.length ?? 0)));
  await session.send("LayerTree.enable");
  await page.screenshot();
  const before = most;
  await page.evaluate(step);
  await page.screenshot();
  await session.detach();
  return { before, after: most };
}
