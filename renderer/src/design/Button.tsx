import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Tooltip,
  TooltipTrigger,
} from "react-aria-components";

interface ButtonProps extends AriaButtonProps {
  readonly look?: "plain" | "primary" | "danger" | "quiet" | "link";
  readonly size?: "plain" | "small" | "icon";
}

export function Button({ look = "plain", size = "plain", ...rest }: ButtonProps) {
  return <AriaButton {...rest} className="button" data-look={look} data-size={size} />;
}

/** A button that is only a picture: its label is read out, and shown on hover and focus. */
export function IconButton({ label, ...rest }: ButtonProps & { readonly label: string }) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      <Button look="quiet" size="icon" aria-label={label} {...rest} />
      <Tooltip className="tooltip" offset={4}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
