import { useEffect, useState } from "react";
import type { Theme } from "../../../app/contract/bridge.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useView } from "../view/view-store.ts";

/** Shows a theme at once; `system` leaves it to prefers-color-scheme. */
export function showTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** The chosen theme, kept by the shell on a desktop and by the view store in a browser. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const { shell } = useBridge();
  const kept = useView((view) => view.theme);
  const [ofShell, setOfShell] = useState<Theme | null>(null);
  useEffect(() => {
    void shell?.getTheme().then(setOfShell);
  }, [shell]);
  const choose = (theme: Theme): void => {
    if (shell) {
      setOfShell(theme);
      void shell.setTheme(theme);
    } else {
      useView.setState({ theme });
      showTheme(theme);
    }
  };
  return [ofShell ?? kept, choose];
}
