/** The tour: one minute with the sandbox, a caption for each thing that is shown. Works on any page of the UI. */
import type { Page } from "playwright-core";
import { AmpsTcpClient } from "../support/amps-client.ts";

export interface TourGuide {
  /** Shows a caption and gives time to read it; a test gives none. */
  tell(caption: string): Promise<void>;
}

/** A client that keeps something flowing through a route; resolves with how to end it. */
async function startTraffic(port: number): Promise<() => Promise<void>> {
  const client = await AmpsTcpClient.connect({ port, name: "pricer-1", user: "svc_pricer" });
  await client.subscribe("prices");
  let id = 0;
  const timer = setInterval(() => {
    id += 1;
    const text = "x".repeat(500 + 400 * Math.sin(id / 40));
    void client.publish("prices", { id: id % 50, text }).catch(() => undefined);
  }, 50);
  return async () => {
    clearInterval(timer);
    await client.close();
  };
}

const goTo = (page: Page, screen: string): Promise<void> =>
  page.getByRole("navigation").getByText(screen, { exact: true }).click();

/** Begins on an empty Shunt and ends with the sandbox running. */
export async function takeTour(page: Page, { tell }: TourGuide): Promise<void> {
  const row = (id: string) => page.locator(`[data-row="${id}"]`);
  await page.getByRole("button", { name: "Try the sandbox" }).waitFor();
  await tell("An empty Shunt. One press starts two simulated AMPS instances and routes to them.");
  await page.getByRole("button", { name: "Try the sandbox" }).click();
  await row("orders").getByText("Listening", { exact: true }).waitFor();
  const address = await row("orders").locator('[data-column="listen"]').innerText();
  const endTraffic = await startTraffic(Number(/:(\d+)/.exec(address)?.[1]));
  try {
    await row("orders").getByRole("button", { name: "1", exact: true }).waitFor();
    await tell(
      "Home: every route with its state, its address, where it leads, and what flows through it now.",
    );
    await page.getByRole("button", { name: "orders", exact: true }).click();
    await page.getByText("pricer-1").first().waitFor();
    await tell("One route: its last hour, who is connected under which name, and why at that instance.");
    await goTo(page, "Backends");
    await row("amps-a").getByRole("button", { name: "Test" }).click();
    await page.getByText("Every hop stands.").waitFor();
    await tell("A test walks the way to an instance hop by hop, and says where it breaks and what to do.");
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await goTo(page, "Pools");
    await page.getByText("Could take over").first().waitFor();
    await tell("A pool knows its replication links: these are sync, so either member may take over.");
    await goTo(page, "Sandbox");
    await page.getByRole("button", { name: "Downgrade" }).first().click();
    await page.getByText("async (downgraded)").first().waitFor();
    await tell("In the sandbox anything can be broken. Here a link acknowledges asynchronously from now on.");
    await goTo(page, "Pools");
    await page.getByText("Must not take over").first().waitFor();
    await tell(
      "No balancer knows this: messages would be lost, so publishers would be held instead of failed over.",
    );
    await goTo(page, "Activity");
    await page.getByRole("grid").getByText("downgraded").first().waitFor();
    await tell("The activity says what happened, and why, in words.");
    await goTo(page, "Export");
    await page.getByRole("radio", { name: "HAProxy" }).click();
    await page.locator(".code-line, .not-expressed").first().waitFor();
    await tell("The same routes for NGINX, HAProxy or Envoy, and what those cannot say as Shunt does it.");
    await page.keyboard.press("Control+k");
    await page.getByRole("menuitem").first().waitFor();
    await tell("Everything has a name and a key: Ctrl-K finds it, ? lists the keys.");
    await page.keyboard.press("Escape");
  } finally {
    await endTraffic();
  }
}
