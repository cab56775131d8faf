import type { Theme } from "../../../app/contract/bridge.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useView } from "../view/view-store.ts";
import { useShellSettings } from "./shell-settings.ts";

/** Shows a theme at once; `system` leaves it to prefers-color-scheme. */
export function showTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** The chosen theme, kept by the shell on a desktop, where the menu chooses too, and by the view store in a browser. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const { shell } = useBridge();
  const kept = useView((view) => view.theme);
  const ofShell = useShellSettings((settings) => settings.theme);
  if (shell) return [ofShell, (theme) => void shell.setTheme(theme)];
  return [
    kept,
    (theme) => {
      useView.setState({ theme });
      showTheme(theme);
    },
  ];
}
