import { describe, expect, test } from "vitest";
import type { ClientAddress, Reply } from "../../app/contract/commands.ts";
import { accept, refuse } from "../../app/failures.ts";
import { isOwnPage, openRoutePage } from "../../main/desktop/route-page.ts";

describe("a page of a route is", () => {
  test.each([
    "http://127.0.0.1:8080/prod-1/",
    "https://localhost:8443/",
    "http://[::1]:8085/",
    "http://127.0.0.2:8085/",
    "http://prod-1.localhost:8080/",
  ])("%s", (value) => expect(isOwnPage(value)).toBe(true));

  test.each([
    "tcp://127.0.0.1:9007/amps/json",
    "ws://127.0.0.1:8080/prod-1/amps/json",
    "127.0.0.1:10004",
    "file:///etc/passwd",
    "javascript:alert(1)//http://127.0.0.1/",
    "http://amps-prod-1:8085/",
    "http://10.0.0.5:8080/",
    "http://127.0.0.1.example.com/",
    "http://localhost.example.com/",
    "http://127.0.0.1@example.com/",
    "http://user@127.0.0.1:8080/",
    "http://",
  ])("not %s", (value) => expect(isOwnPage(value)).toBe(false));
});

describe("opening a route in the browser", () => {
  const address = (value: string): ClientAddress => ({ label: "", value, note: null });
  const setUp = (...values: readonly string[]) => {
    const opened: string[] = [];
    const opening = {
      addresses: async (id: string): Promise<Reply<readonly ClientAddress[]>> =>
        id === "p1" ? accept(values.map(address)) : refuse("NOT_FOUND", `There is no route ${id}.`),
      open: async (url: string) => void opened.push(url),
    };
    return { opened, open: (id: string) => openRoutePage(id, opening) };
  };

  test("opens its page on this machine, and nothing else of it", async () => {
    const { opened, open } = setUp("ws://127.0.0.1:8080/prod-1/", "http://127.0.0.1:8080/prod-1/");
    expect(await open("p1")).toEqual({ ok: true, value: null });
    expect(opened).toEqual(["http://127.0.0.1:8080/prod-1/"]);
  });

  test("a route without one, or that there is not, opens nothing and says so", async () => {
    const { opened, open } = setUp("http://10.0.0.5:8080/");
    expect(await open("p1")).toMatchObject({ failure: { code: "NOT_POSSIBLE_HERE" } });
    expect(await open("none")).toMatchObject({ failure: { code: "NOT_FOUND" } });
    expect(opened).toEqual([]);
  });

  test("a system without a browser is told of", async () => {
    const reply = await openRoutePage("p1", {
      addresses: async () => accept([address("http://127.0.0.1:8080/")]),
      open: () => Promise.reject(new Error("no handler")),
    });
    expect(reply).toMatchObject({
      failure: { code: "NOT_POSSIBLE_HERE", message: expect.stringContaining("no handler") as string },
    });
  });
});
