/** Who may speak over IPC: the main frame of a window of ours that shows Shunt's own page. */

export const appOrigin = "app://shunt";

/** What the check needs of Electron's `WebFrameMain`; its getters throw once the frame is gone. */
interface SenderFrame {
  readonly url: string;
  readonly parent: unknown;
}

/** True for a page of `app://shunt`. Not by `URL.origin`: Node reports `null` for a scheme that it does not know. */
export function isOwnUrl(url: string): boolean {
  try {
    const { protocol, host, username, password, port } = new URL(url);
    return protocol === "app:" && host === "shunt" && username + password + port === "";
  } catch {
    return false;
  }
}

/** Why a message from this frame must be refused, or null when it may speak. */
export function senderProblem(
  frame: SenderFrame | null | undefined,
  fromKnownWindow: boolean,
): string | null {
  if (!fromKnownWindow) return "it does not come from a window of Shunt";
  try {
    if (!frame) return "its frame is gone";
    if (frame.parent) return "it comes from a frame inside the page";
    return isOwnUrl(frame.url) ? null : "its page is not Shunt's own";
  } catch {
    return "its frame is gone";
  }
}
