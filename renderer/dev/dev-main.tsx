/**
 * The UI on made-up data: `?scenario=empty` begins with nothing, `?connections=500` and `?routes=1000` with many, `?tick=250` faster,
 * `?desktop=1` with what only a desktop can do.
 */
import { pageRoot, startUi } from "../src/start.tsx";
import { createFakeBridge } from "./fake-bridge.ts";

const query = new URLSearchParams(window.location.search);
window.fake = createFakeBridge({
  scenario: query.get("scenario") === "empty" ? "empty" : "desk",
  routes: Number(query.get("routes") ?? 0),
  connectionsPerRoute: Number(query.get("connections") ?? 3),
  tickMs: Number(query.get("tick") ?? 1000),
  desktop: query.has("desktop"),
});
startUi(pageRoot(), window.fake);
