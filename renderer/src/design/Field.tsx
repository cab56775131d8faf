import { Check, ChevronDown, Minus } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button,
  Checkbox,
  type CheckboxProps,
  FieldError,
  Header,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField as AriaTextField,
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";
import { Floating } from "./Floating.tsx";

export interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  /** Goes to the control as data-field, so that a problem can be led to its field. */
  readonly name: string;
}

interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onBlur?: () => void;
  readonly placeholder?: string;
  readonly mono?: boolean;
  readonly lines?: number;
  readonly isDisabled?: boolean;
}

export function TextField(props: TextFieldProps) {
  const { label, hint, error, name, value, onChange, onBlur, placeholder, mono, lines, isDisabled } = props;
  const control = {
    className: "input",
    "data-mono": mono ?? false,
    "data-field": name,
    ...(placeholder && { placeholder }),
  };
  return (
    <AriaTextField
      className="field"
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      spellCheck="false"
      autoComplete="off"
      {...(onBlur && { onBlur })}
      {...(isDisabled && { isDisabled })}
    >
      <Label className="field-label">{label}</Label>
      {lines ? <TextArea {...control} rows={lines} /> : <Input {...control} />}
      <FieldError className="field-error">{error}</FieldError>
      {hint && !error && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
    </AriaTextField>
  );
}

export interface Option {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
  /** What the closed field says, where that is not the label. */
  readonly chosen?: string;
}

interface SelectFieldProps extends FieldProps {
  readonly value: string | null;
  readonly onChange: (value: string) => void;
  /** Called as the list opens. */
  readonly onOpen?: () => void;
  readonly placeholder?: string;
  readonly sections: readonly { readonly title?: string; readonly options: readonly Option[] }[];
  readonly hideLabel?: boolean;
}

export function SelectField(props: SelectFieldProps) {
  const { label, hint, error, name, value, onChange, onOpen, placeholder, sections, hideLabel } = props;
  return (
    <Select
      className="field"
      value={value}
      onChange={(key) => key !== null && onChange(String(key))}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      placeholder={placeholder ?? "Choose…"}
      {...(onOpen && { onOpenChange: (open: boolean) => open && onOpen() })}
      {...(hideLabel && { "aria-label": label })}
    >
      {!hideLabel && <Label className="field-label">{label}</Label>}
      <Button className="select-button" data-field={name}>
        <SelectValue className="ellipsis">
          {({ isPlaceholder, defaultChildren }) =>
            isPlaceholder
              ? defaultChildren
              : nameOf(sections.flatMap((s) => s.options).find((o) => o.id === value))
          }
        </SelectValue>
        <ChevronDown aria-hidden />
      </Button>
      <FieldError className="field-error">{error}</FieldError>
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <Floating className="select-popover" offset={3}>
        <ListBox className="menu">
          {sections
            .filter((section) => section.options.length > 0)
            .map((section, index) => (
              <ListBoxSection key={section.title ?? index} aria-label={section.title ?? label}>
                {section.title && <Header className="menu-section">{section.title}</Header>}
                {section.options.map((option) => (
                  <ListBoxItem key={option.id} id={option.id} className="menu-item" textValue={option.label}>
                    <span>{option.label}</span>
                    {option.detail && <span className="faint">{option.detail}</span>}
                  </ListBoxItem>
                ))}
              </ListBoxSection>
            ))}
        </ListBox>
      </Floating>
    </Select>
  );
}

function nameOf(option: Option | undefined): string | undefined {
  return option?.chosen ?? option?.label;
}

interface SegmentsProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly options: readonly { readonly id: Value; readonly label: ReactNode }[];
}

/** A choice of a few, all seen at once. */
export function Segments<Value extends string>({ label, value, onChange, options }: SegmentsProps<Value>) {
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const chosen = options.find((option) => keys.has(option.id));
        if (chosen) onChange(chosen.id);
      }}
    >
      {options.map((option) => (
        <ToggleButton key={option.id} id={option.id} className="segment">
          {option.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

interface CheckFieldProps extends Omit<CheckboxProps, "children" | "className"> {
  readonly children?: ReactNode;
}

export function CheckField({ children, ...rest }: CheckFieldProps) {
  return (
    <Checkbox {...rest} className="check">
      {({ isSelected, isIndeterminate }) => (
        <>
          <span className="check-box" aria-hidden>
            {isIndeterminate ? <Minus /> : isSelected ? <Check /> : null}
          </span>
          {children}
        </>
      )}
    </Checkbox>
  );
}
