import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "../design/Button.tsx";
import { closeToast, type Toast, useToasts } from "../view/toasts.ts";

const shownMs = 9000;

/** Short messages at the corner. Failures stay until closed; the others wait while pointed at or focused. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <section className="toasts" aria-label="Messages" data-react-aria-top-layer="true">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </section>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const [held, setHeld] = useState(false);
  const { id, tone, text, detail, action } = toast;
  useEffect(() => {
    if (held || tone === "bad") return;
    const timer = setTimeout(() => closeToast(id), shownMs);
    return () => clearTimeout(timer);
  }, [held, tone, id]);
  return (
    <div
      className="toast"
      data-tone={tone}
      role={tone === "bad" ? "alert" : "status"}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <div className="toast-text">
        <p>{text}</p>
        {detail && <p className="toast-detail">{detail}</p>}
      </div>
      {action && (
        <Button
          size="small"
          onPress={() => {
            closeToast(id);
            action.run();
          }}
        >
          {action.label}
          {action.label === "Undo" && <span className="kbd">Ctrl Z</span>}
        </Button>
      )}
      <IconButton label="Close message" onPress={() => closeToast(id)}>
        <X />
      </IconButton>
    </div>
  );
}
