/** A time limit that stands still while the operator is asked something. */

interface StageLimit {
  /** Waits for a question's answer; its time does not count. */
  readonly pausedFor: <T>(question: Promise<T>) => Promise<T>;
  clear(): void;
}

export function createStageLimit(limitMs: number, onExpired: () => void): StageLimit {
  let leftMs = limitMs;
  let questions = 0;
  let over = false;
  let startedAt = performance.now();
  let timer: NodeJS.Timeout | null = setTimeout(onExpired, leftMs);
  const pause = (): void => {
    if (questions++ > 0 || !timer) return;
    clearTimeout(timer);
    timer = null;
    leftMs -= performance.now() - startedAt;
  };
  const resume = (): void => {
    if (--questions > 0 || over) return;
    startedAt = performance.now();
    timer = setTimeout(onExpired, Math.max(1, leftMs));
  };
  return {
    pausedFor: async (question) => {
      pause();
      try {
        return await question;
      } finally {
        resume();
      }
    },
    clear() {
      over = true;
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}
