import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useBridge } from "../bridge/bridge-context.ts";
import { showToast } from "../view/toasts.ts";
import { IconButton } from "./Button.tsx";
import { copyText } from "./copy-text.ts";

const thanksMs = 1500;

/** Copies one text, and says so on itself for a moment. */
export function CopyButton({
  text,
  label,
  tabbable = true,
}: {
  text: string;
  label: string;
  tabbable?: boolean;
}) {
  const bridge = useBridge();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (await copyText(bridge, text)) {
      setCopied(true);
      setTimeout(() => setCopied(false), thanksMs);
    } else
      showToast({
        tone: "bad",
        text: "The clipboard cannot be reached here.",
        detail: `Copy it by hand: ${text}`,
      });
  };
  return (
    <IconButton label={copied ? "Copied" : label} onPress={() => void copy()} excludeFromTabOrder={!tabbable}>
      {copied ? <Check /> : <Copy />}
    </IconButton>
  );
}
