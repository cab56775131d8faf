/** Names and addresses as long as they may be, in Chromium on made-up data. */
import { describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { useFakePages } from "./fake-pages.ts";

const long = "equities-north-america-consolidated-order-gateway-primary-01abc";
const host = `${long}.production.london.example.internal`;

describe.skipIf(!available.chromium)("names of 63 letters (needs chromium)", { timeout: 60_000 }, () => {
  const { open, route } = useFakePages();

  it.each([1280, 800])("keep rows low, and addresses to their port, at %i px", async (width) => {
    const page = await open({ width, height: 800 });
    await page.evaluate(
      ([id, at]) =>
        window.fake?.changeElsewhere((config) => ({
          ...config,
          pools: [...config.pools, { id: "long", members: ["prod-1", id] }],
          tunnels: [...config.tunnels, { id, type: "ssh", address: `${at}:2222`, user: "ops" }],
          backends: [...config.backends, { id, via: id, amps: `tcp://${at}:9007` }],
          routes: [
            { id, listen: "[2001:db8:85a3:1111:2222:8a2e:370:7334]:19007", transport: "amps", target: id },
            ...config.routes,
          ],
        })),
      [long, host] as const,
    );
    await route(long).waitFor();
    expect((await route(long).boundingBox())?.height).toBeLessThan(80);
    expect(
      await route(long).getByRole("button", { name: long, exact: true }).getAttribute("title"),
    ).toContain(long);
    // Nothing of an address is cut off or lies under its neighbour.
    const isWhole = (selector: string) =>
      page.locator(selector).evaluate((element) => {
        const { right, bottom } = element.getBoundingClientRect();
        const over = element.parentElement?.getBoundingClientRect();
        return element.scrollWidth <= element.clientWidth + 1 && right <= (over?.right ?? 0) && bottom > 0;
      });
    expect(await isWhole(`[data-row="${long}"] .route-listen .whole-address`)).toBe(true);
    await page.keyboard.press("2");
    await route(long).getByText(`tcp://${host}:9007`).waitFor();
    expect(await isWhole(`[data-row="${long}"] .whole-address`)).toBe(true);
    await page.keyboard.press("3");
    const member = page.locator('[data-row="long"] .pool-member-id', { hasText: long.slice(0, 20) });
    expect((await member.boundingBox())?.height).toBeLessThan(70);
    expect(await member.getAttribute("title")).toBe(long);
    await page.keyboard.press("4");
    await route(long).getByText(`ops@${host}:2222`).waitFor();
    expect(await isWhole(`[data-row="${long}"] .whole-address`)).toBe(true);
  });
});
