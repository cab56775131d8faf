/** What a backend's answer has to be before any of it goes to a client; Node's parser is strict, and lets these through. */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Failure } from "../contract/failures.ts";
import { failure } from "../failures.ts";
import { ReachError } from "./pinned-agent.ts";

/** RFC 9110 15.2 lets a server say any number of 1xx: one that says nothing else would hold its client for ever. */
export const mostInterimAnswers = 100;

export function invalidAnswer(backend: string, why: string): Failure {
  return failure("BACKEND_ANSWER_INVALID", `${backend} did not answer in HTTP (${why}).`);
}

/** Why an answer's head is no HTTP/1 answer, or null. */
export function answerProblem(backend: string, { httpVersion }: IncomingMessage): Failure | null {
  return httpVersion === "1.1" || httpVersion === "1.0"
    ? null
    : invalidAnswer(backend, `HTTP/${httpVersion}`);
}

/** Gives a request up, by an error with the reason, whose backend sends interim answers only. */
export function limitInterimAnswers(upstream: ClientRequest, backend: string): void {
  let interim = 0;
  upstream.on("information", () => {
    if (++interim > mostInterimAnswers)
      upstream.destroy(new ReachError(invalidAnswer(backend, `more than ${mostInterimAnswers} times 1xx`)));
  });
}
