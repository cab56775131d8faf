/** What a Galvanometer window tells: pure. */
import { expect, test } from "vitest";
import type { BackendConfig } from "../../app/contract/config.ts";
import type { Health, Snapshot } from "../../app/contract/snapshot.ts";
import { answerShuntPage, barUrl } from "../../main/desktop/galvanometer/shunt-page.ts";
import { windowState, windowTitle } from "../../main/desktop/galvanometer/window-state.ts";

const backend: BackendConfig = {
  id: "prod-1",
  environment: "prod",
  via: "bastion",
  admin: "http://prod-1:8085",
};
const snapshotOf = (health: Health, tunnel: "up" | "down") =>
  ({
    backends: [
      { id: "prod-1", endpoints: [{ kind: "admin", health, reason: health === "down" ? "refused" : null }] },
    ],
    tunnels: [{ id: "bastion", state: tunnel, reason: tunnel === "down" ? "host key changed" : null }],
  }) as unknown as Snapshot;
const state = (snapshot: Snapshot | null, unlockedUntil: string | null = null, engineAlive = true) =>
  windowState({
    backend,
    address: "http://prod-1:8085/",
    readOnly: true,
    tls: null,
    mixed: false,
    unlockedUntil,
    tunnels: [{ id: "bastion", type: "ssh", address: "jump:22" }],
    snapshot,
    engineAlive,
  });

test("names address, environment, tunnel and access while all is well", () => {
  expect(state(snapshotOf("up", "up"))).toEqual({
    down: false,
    bar: "http://prod-1:8085/  ·  prod  ·  through bastion (ssh)  ·  read-only",
    tone: "prod",
  });
  expect(state(null).down).toBe(false);
});

test("says which part is down, and that actions are unlocked", () => {
  expect(state(snapshotOf("up", "down")).bar).toContain("tunnel bastion is down: host key changed");
  expect(state(snapshotOf("down", "up"))).toMatchObject({ down: true, tone: "bad" });
  expect(state(snapshotOf("down", "up")).bar).toContain("no answer: refused");
  expect(state(snapshotOf("up", "up"), null, false).bar).toContain("engine is starting again");
  const unlocked = state(snapshotOf("up", "up"), "14:05");
  expect(unlocked.tone).toBe("warning");
  expect(unlocked.bar).toContain("ACTIONS UNLOCKED until 14:05");
});

test("no reason leaves the bar's text, whatever it holds, and no tone its style", async () => {
  const bar = `"><script>alert(1)</script><p style="x`;
  const answer = answerShuntPage(barUrl({ down: true, tone: "bad", bar }));
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  const page = await answer.text();
  expect(page).toContain("▲ &#34;&#62;&#60;script&#62;alert(1)");
  expect(page.match(/<[a-z]+/g)).toEqual(["<html", "<meta", "<title", "<style", "<p"]);
  const foreign = await answerShuntPage("shunt://bar/?tone=red}p{display:none&text=x").text();
  expect(foreign).not.toContain("display:none");
});

test("a title begins with the backend, not with what the page says", () => {
  expect(windowTitle(backend, "Evil bank")).toBe("prod-1 [prod] · Evil bank · through Shunt");
});
