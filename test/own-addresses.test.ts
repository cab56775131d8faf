/** The machine's addresses, also where there is no descriptor left to ask for them. */
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { ownAddresses } from "../app/own-addresses.ts";

test("they are what the system says, and stay so where it cannot be asked", () => {
  const before = ownAddresses();
  expect(before.map(({ address }) => address)).toEqual(
    Object.values(networkInterfaces()).flatMap((own) => (own ?? []).map(({ address }) => address)),
  );
  expect(before).toContainEqual({ interface: "lo", address: "127.0.0.1", isInternal: true });
  const noDescriptor = () => {
    throw new Error("uv_interface_addresses returned Unknown system error 24");
  };
  expect(ownAddresses(noDescriptor)).toEqual(before);
});
