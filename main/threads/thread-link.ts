/** Calls across a thread boundary: plain-data arguments and results, and one stream of events back. */
import type { MessagePort, Worker } from "node:worker_threads";

interface Call {
  readonly call: number;
  readonly method: string;
  readonly parameters: readonly unknown[];
}

type Answer =
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: string }
  | { readonly event: unknown };

/** An object whose methods take and give plain data. */
type Callable = Readonly<Record<string, (...parameters: never[]) => Promise<unknown>>>;

/** In the worker: answers calls to `target`; the returned function sends an event. */
export function answerCalls(port: MessagePort, target: Callable): (event: unknown) => void {
  const send = (answer: Answer) => port.postMessage(answer);
  port.on("message", ({ call, method, parameters }: Call) => {
    const found = Object.hasOwn(target, method) ? target[method] : undefined;
    if (!found) return send({ answer: call, error: `There is no ${method}.` });
    // Called behind a promise: what throws at once is an answer too, and no end of the thread.
    Promise.resolve()
      .then(() => found(...(parameters as never[])))
      .then(
        (value) => send({ answer: call, value }),
        (error: unknown) =>
          send({ answer: call, error: error instanceof Error ? error.message : String(error) }),
      );
  });
  return (event) => send({ event });
}

export interface ThreadLink {
  call(method: string, ...parameters: readonly unknown[]): Promise<unknown>;
}

/** In the parent: sends calls to the worker; calls that a dead worker cannot answer reject. */
export function linkToWorker(worker: Worker, onEvent: (event: unknown) => void): ThreadLink {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let calls = 0;
  let dead = false;
  worker.on("message", (message: Answer) => {
    if ("event" in message) return onEvent(message.event);
    const waiter = waiting.get(message.answer);
    waiting.delete(message.answer);
    if ("error" in message) waiter?.reject(new Error(message.error));
    else waiter?.resolve(message.value);
  });
  worker.on("exit", () => {
    dead = true;
    for (const { reject } of waiting.values()) reject(new Error("The thread has ended."));
    waiting.clear();
  });
  return {
    call(method, ...parameters) {
      if (dead) return Promise.reject(new Error("The thread has ended."));
      return new Promise((resolve, reject) => {
        waiting.set(++calls, { resolve, reject });
        const call: Call = { call: calls, method, parameters };
        worker.postMessage(call);
      });
    },
  };
}
