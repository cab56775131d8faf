import { Search, X } from "lucide-react";
import { Button, Input, SearchField } from "react-aria-components";
import { focusCurrentRow } from "./row-keys.ts";

interface FilterFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A text filter; `/` and Ctrl-F come here, Esc clears it, arrow down goes on to the table. */
export function FilterField({ label, value, onChange }: FilterFieldProps) {
  return (
    <SearchField aria-label={label} className="filter" data-filter="true" value={value} onChange={onChange}>
      <Search aria-hidden className="filter-icon" />
      <Input
        className="input filter-input"
        placeholder={label}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") focusCurrentRow();
          if (event.key === "Escape" && value === "") event.currentTarget.blur();
        }}
      />
      {value === "" ? (
        <span className="kbd filter-key" aria-hidden>
          /
        </span>
      ) : (
        <Button className="button filter-clear" data-look="quiet" data-size="icon">
          <X />
        </Button>
      )}
    </SearchField>
  );
}
