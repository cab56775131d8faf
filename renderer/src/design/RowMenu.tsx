import { Ellipsis } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { Menu, MenuItem, MenuTrigger, Separator } from "react-aria-components";
import { Floating } from "./Floating.tsx";
import { Button } from "./Button.tsx";

interface RowMenuItem {
  readonly id: string;
  readonly icon: ReactNode;
  readonly label: string;
  /** The key that does the same on the row. */
  readonly shortcut?: string;
  readonly isDangerous?: boolean;
  readonly act: () => void;
}

interface RowMenuProps {
  /** Of what the row is about. */
  readonly name: string;
  readonly tabbable: boolean;
  /** With a line between each two; what is false is left out. */
  readonly groups: readonly (readonly (RowMenuItem | false)[])[];
}

/** Everything that can be done to one row, behind a button at its end. */
export function RowMenu({ name, tabbable, groups }: RowMenuProps) {
  const shown = groups
    .map((group) => group.filter((item) => item !== false))
    .filter(({ length }) => length > 0);
  return (
    <MenuTrigger>
      <Button look="quiet" size="icon" aria-label={`More for ${name}`} excludeFromTabOrder={!tabbable}>
        <Ellipsis />
      </Button>
      <Floating placement="bottom end">
        <Menu
          className="menu"
          onAction={(key) =>
            shown
              .flat()
              .find(({ id }) => id === key)
              ?.act()
          }
        >
          {shown.map((group, index) => (
            <Fragment key={group[0]?.id}>
              {index > 0 && <Separator className="menu-separator" />}
              {group.map(({ id, icon, label, shortcut, isDangerous }) => (
                <MenuItem
                  key={id}
                  id={id}
                  className="menu-item"
                  textValue={label}
                  {...(isDangerous && { "data-look": "danger" })}
                >
                  {icon} {label} {shortcut !== undefined && <span className="kbd">{shortcut}</span>}
                </MenuItem>
              ))}
            </Fragment>
          ))}
        </Menu>
      </Floating>
    </MenuTrigger>
  );
}
