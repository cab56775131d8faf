import { useEffect } from "react";
import { strikeAges } from "../design/use-age.ts";
import { useRateHistory } from "../mirror/rate-history.ts";

/** Ages go on with the minutes of the routes, once a second: one frame for both. */
export function useJointAges(): void {
  useEffect(() => useRateHistory.subscribe(strikeAges), []);
}
