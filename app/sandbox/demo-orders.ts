import type { SandboxClock } from "./clock.ts";
import type { Broker } from "./data/broker.ts";

const intervalMs = 200;
const orderCount = 200;
const symbols = ["AAPL", "AMZN", "BAC", "CVX", "GE", "IBM", "JPM", "KO", "MSFT", "XOM"];
const states = ["new", "partly filled", "filled", "cancelled"];

/** A small steady stream of orders on the topic `orders`, so that a subscriber sees something move. */
export function startDemoOrders(
  clock: SandboxClock,
  random: () => number,
  broker: () => Broker | null,
): () => void {
  const pick = <T>(list: readonly T[], otherwise: T) => list[Math.floor(random() * list.length)] ?? otherwise;
  return clock.every(intervalMs, () => {
    const order = {
      id: 1 + Math.floor(random() * orderCount),
      symbol: pick(symbols, "IBM"),
      side: random() < 0.5 ? "buy" : "sell",
      price: Math.round((20 + random() * 280) * 100) / 100,
      qty: 100 * (1 + Math.floor(random() * 50)),
      state: pick(states, "new"),
    };
    broker()?.publish({
      publisher: "sandbox-orders",
      sequence: null,
      messageType: "json",
      topic: "orders",
      key: null,
      body: Buffer.from(JSON.stringify(order), "utf8"),
      delta: false,
    });
  });
}
