import type { IpcMain, IpcMainInvokeEvent, WebContents } from "electron";
import { beforeEach, describe, expect, test } from "vitest";
import { requests } from "../../main/desktop/channels.ts";
import { callMessage, shellMessage } from "../../main/desktop/ipc-messages.ts";
import { createIpc } from "../../main/desktop/ipc.ts";
import { isOwnUrl, senderProblem } from "../../main/desktop/sender.ts";

type Listener = Parameters<IpcMain["handle"]>[1];

const own = {} as WebContents;
const foreign = {} as WebContents;
const ownFrame = { url: "app://shunt/", parent: null };
const goneFrame = {
  get url(): string {
    throw new Error("Render frame was disposed before WebFrameMain could be accessed");
  },
  parent: null,
};

let listeners: Map<string, Listener>;
let handled: unknown[];
let logged: string[];

beforeEach(() => {
  listeners = new Map();
  handled = [];
  logged = [];
  const answer = createIpc({
    ipcMain: { handle: (channel, listener) => void listeners.set(channel, listener) },
    isKnownWindow: (contents) => contents === own,
    log: (message) => logged.push(message),
  });
  answer(requests.call, callMessage, (payload) => {
    handled.push(payload);
    if (payload.name === "throws") throw new Error("secret detail");
    return "done";
  });
  answer(requests.shell, shellMessage, (payload) => {
    handled.push(payload);
    return "done";
  });
});

const invoke = (
  channel: string,
  payload: readonly unknown[],
  from: { sender?: unknown; senderFrame?: unknown } = {},
) =>
  listeners.get(channel)?.({ sender: own, senderFrame: ownFrame, ...from } as IpcMainInvokeEvent, ...payload);

const goodPayload: Record<string, unknown> = {
  [requests.call]: { name: "snapshot.get", argument: null },
  [requests.shell]: { do: "get-settings" },
};

describe.each(Object.values(requests))("%s", (channel) => {
  test("answers Shunt's own page", async () => {
    await expect(invoke(channel, [goodPayload[channel]])).resolves.toBe("done");
    expect(handled).toEqual([goodPayload[channel]]);
  });

  test.each([
    ["another window", { sender: foreign }],
    ["a frame inside the page", { senderFrame: { url: "app://shunt/", parent: ownFrame } }],
    ["a page of another origin", { senderFrame: { url: "https://app.shunt/", parent: null } }],
    ["a page of another host of the scheme", { senderFrame: { url: "app://shunt.evil/", parent: null } }],
    ["a file", { senderFrame: { url: "file:///app://shunt/", parent: null } }],
    ["an empty page", { senderFrame: { url: "about:blank", parent: null } }],
    ["a frame that is gone", { senderFrame: null }],
    ["a frame whose getters throw", { senderFrame: goneFrame }],
  ])("refuses and logs %s", async (_title, from) => {
    await expect(invoke(channel, [goodPayload[channel]], from)).rejects.toThrow(`${channel} refused`);
    expect(handled).toEqual([]);
    expect(logged).toEqual([expect.stringContaining(`IPC ${channel} refused`)]);
  });

  test.each([
    ["nothing", []],
    ["null", [null]],
    ["text", ["snapshot.get"]],
    ["two messages", [goodPayload[channel], goodPayload[channel]]],
    ["a message with more keys", [{ ...(goodPayload[channel] as object), extra: 1 }]],
    ["a list", [[goodPayload[channel]]]],
    ["an empty object", [{}]],
  ])("refuses %s as a payload", async (_title, payload) => {
    await expect(invoke(channel, payload)).rejects.toThrow("not a message of this channel");
    expect(handled).toEqual([]);
  });
});

test("a shell request that is not in the table is refused", async () => {
  for (const payload of [
    { do: "open", path: "/etc/passwd" },
    { do: "set-theme", theme: "pink" },
    { do: "copy-text", text: 1 },
    { do: "set-route-muted", id: "", muted: true },
  ])
    await expect(invoke(requests.shell, [payload])).rejects.toThrow("not a message of this channel");
});

test("what a handler throws is logged and hidden from the page", async () => {
  const answer = invoke(requests.call, [{ name: "throws", argument: null }]);
  await expect(answer).rejects.toThrow(`${requests.call} failed; the log of Shunt says why`);
  expect(logged.join()).toContain("secret detail");
});

test.each([
  ["app://shunt", true],
  ["app://shunt/index.html#routes", true],
  ["app://SHUNT/", false],
  ["app://user@shunt/", false],
  ["app://shunt:80/", false],
  ["app:shunt", false],
  ["http://shunt/", false],
  ["", false],
])("%s is Shunt's own address: %s", (url, expected) => {
  expect(isOwnUrl(url)).toBe(expected);
});

test("only a known window is ever listened to", () => {
  expect(senderProblem(ownFrame, true)).toBeNull();
  expect(senderProblem(ownFrame, false)).not.toBeNull();
});
