import { useEffect, useState } from "react";
import { useMirror } from "../mirror/mirror-store.ts";
import { speakNews, stateNews } from "./state-news.ts";

const everyMs = 3000;

/** Reads state changes out to a screen reader: politely, and what happens within a few seconds as one. */
export function Announcer() {
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const waiting = new Map<string, string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const speak = (): void => {
      timer = undefined;
      setSpoken(speakNews(waiting));
      waiting.clear();
    };
    const unsubscribe = useMirror.subscribe((now, before) => {
      const isSame =
        now.routes === before.routes && now.backends === before.backends && now.tunnels === before.tunnels;
      if (!before.ready || isSame) return;
      for (const [about, sentence] of stateNews(before, now)) waiting.set(about, sentence);
      if (waiting.size > 0) timer ??= setTimeout(speak, everyMs);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, []);
  return (
    <div className="visually-hidden" role="log" aria-live="polite" aria-label="State changes">
      {spoken}
    </div>
  );
}
