const secondMs = 1000;
/** How much later than after a second new rates may come: they wait for the next change set. */
const graceMs = 300;

export interface RateClock {
  /** New rates have come. */
  renewed(): void;
  stop(): void;
}

/**
 * Strikes once a second: together with new rates, so that each gets into the history once and is drawn with it in one
 * frame; by itself while the rates stay what they are.
 */
export function startRateClock(strike: () => void): RateClock {
  let struckMs = performance.now();
  let timer = setTimeout(onTimer, secondMs);

  function onTimer(): void {
    struckMs = performance.now();
    timer = setTimeout(onTimer, secondMs);
    strike();
  }
  return {
    renewed() {
      clearTimeout(timer);
      timer = setTimeout(onTimer, secondMs + graceMs);
      // It struck by itself lately, before these were due: the next stroke is with the next ones.
      if (performance.now() - struckMs < secondMs / 2) return;
      struckMs = performance.now();
      strike();
    },
    stop: () => clearTimeout(timer),
  };
}
