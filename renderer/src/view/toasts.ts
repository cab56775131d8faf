import { create } from "zustand";
import type { Failure } from "../../../app/contract/failures.ts";

export interface Toast {
  readonly id: number;
  readonly tone: "ok" | "bad";
  readonly text: string;
  readonly detail?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Short messages about what the operator just did. */
export const useToasts = create<{ readonly toasts: readonly Toast[] }>()(() => ({ toasts: [] }));

const atMost = 4;
let lastId = 0;

export function showToast(toast: Omit<Toast, "id">): void {
  lastId += 1;
  const added = { ...toast, id: lastId };
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, added].slice(-atMost) }));
}

/** Says what failed and what to do about it. */
export function showFailure(failure: Failure): void {
  const problems = failure.problems?.map((problem) => `${problem.path}: ${problem.message}`);
  showToast({ tone: "bad", text: failure.message, detail: [failure.advice, ...(problems ?? [])].join("\n") });
}

/** Does what the newest message offers to undo; false where none does. */
export function undoNewest(): boolean {
  const { toasts } = useToasts.getState();
  const toast = toasts.findLast(({ action }) => action?.label === "Undo");
  if (!toast) return false;
  closeToast(toast.id);
  toast.action?.run();
  return true;
}

export function closeToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}
