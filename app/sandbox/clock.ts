/** The sandbox's time, injected so that leases, heartbeats and lags can be tested without waiting. */
export interface SandboxClock {
  now(): number;
  /** Runs once after `delayMs`; the answer cancels. */
  after(delayMs: number, run: () => void): () => void;
  /** Runs every `intervalMs`; the answer ends it. */
  every(intervalMs: number, run: () => void): () => void;
}

/** The machine's own time. */
export const systemClock: SandboxClock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  every(intervalMs, run) {
    const timer = setInterval(run, intervalMs);
    return () => clearInterval(timer);
  },
};
