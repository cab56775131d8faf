import { expect, test } from "vitest";
import { linkAmong, wishOfLink } from "../../main/desktop/deep-link.ts";

test.each([
  ["shunt://route/orders-in", { do: "show", screen: "routes", id: "orders-in" }],
  ["shunt://route/orders-in/", { do: "show", screen: "routes", id: "orders-in" }],
  ["shunt://backend/prod-1", { do: "show", screen: "backends", id: "prod-1" }],
  ["shunt://pool/prod", { do: "show", screen: "pools", id: "prod" }],
])("%s shows its thing", (link, wish) => {
  expect(wishOfLink(link)).toEqual(wish);
});

test.each([
  "shunt://route/",
  "shunt://route",
  "shunt://route/Orders",
  "shunt://route/orders/stop",
  "shunt://route/orders?stop=1",
  "shunt://route/orders#x",
  "shunt://route/%6frders",
  "shunt://route/../settings",
  "shunt://user@route/orders",
  "shunt://constructor/orders",
  "shunt:route/orders",
  "https://route/orders",
  `shunt://route/${"a".repeat(64)}`,
  "",
])("%s is no link of Shunt's", (link) => {
  expect(wishOfLink(link)).toBeNull();
});

test("the link is found among whatever else a program is started with", () => {
  expect(linkAmong(["/opt/shunt", "--no-sandbox", "shunt://route/a", "--x"])).toBe("shunt://route/a");
  expect(linkAmong(["/opt/shunt", "--url=shunt://route/a"])).toBeNull();
});
