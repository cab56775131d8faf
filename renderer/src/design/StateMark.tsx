import type { Condition, Shape } from "../routes/route-condition.ts";

const shapes: Readonly<Record<Shape, React.ReactNode>> = {
  disc: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  ring: <circle cx="6" cy="6" r="3.9" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  triangle: <path d="M6 1.2 11.4 10.6H.6Z" fill="currentColor" />,
  cross: (
    <path
      d="M2.2 2.2 9.8 9.8M9.8 2.2 2.2 9.8"
      stroke="currentColor"
      strokeWidth="2.4"
      strokeLinecap="round"
    />
  ),
  pause: (
    <path d="M3.6 1.8V10.2M8.4 1.8V10.2" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" />
  ),
  spinner: (
    <path
      d="M6 1.6a4.4 4.4 0 1 1-4.4 4.4"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      strokeLinecap="round"
    />
  ),
  half: (
    <>
      <circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 1.6a4.4 4.4 0 0 1 0 8.8Z" fill="currentColor" />
    </>
  ),
};

/** What a state looks like. */
export type Look = Omit<Condition, "trouble">;

/** A state as colour and shape; the word stands beside it, or is read out where there is no room. */
export function StateMark({ condition, label }: { readonly condition: Look; readonly label?: string }) {
  return (
    <svg
      className="state-mark"
      viewBox="0 0 12 12"
      data-tone={condition.tone}
      data-shape={condition.shape}
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    >
      {shapes[condition.shape]}
    </svg>
  );
}

/** Colour, shape and word. */
export function StateWord({ condition }: { readonly condition: Look }) {
  return (
    <span className="state-word" data-tone={condition.tone}>
      <StateMark condition={condition} />
      <span>{condition.word}</span>
    </span>
  );
}
