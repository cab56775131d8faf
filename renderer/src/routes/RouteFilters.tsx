import { memo } from "react";
import { FilterField } from "../design/FilterField.tsx";
import { Segments, SelectField } from "../design/Field.tsx";
import { formatCount } from "../design/format.ts";
import { useView } from "../view/view-store.ts";
import type { RouteGrouping, StateFilter } from "./route-rows.ts";
import type { RouteCounts } from "./shown-routes.ts";

const stateFilters: readonly { readonly id: StateFilter; readonly word: string }[] = [
  { id: "all", word: "All" },
  { id: "trouble", word: "Trouble" },
  { id: "running", word: "Started" },
  { id: "stopped", word: "Stopped" },
];

const groupings = [
  { id: "none", label: "No groups" },
  { id: "listener", label: "By listener" },
  { id: "environment", label: "By environment" },
  { id: "tag", label: "By tags" },
] as const;

/** Text, state and grouping of the routes table. */
export function RouteFilters({ counts }: { readonly counts: RouteCounts }) {
  const { routeText, routeState } = useView();
  return (
    <>
      <FilterField
        label="Filter routes"
        value={routeText}
        onChange={(text) => useView.setState({ routeText: text })}
      />
      <Segments
        label="State"
        value={routeState}
        onChange={(state) => useView.setState({ routeState: state })}
        options={stateFilters.map(({ id, word }) => ({
          id,
          label: (
            <>
              {word} <span className="segment-count">{formatCount(counts[id])}</span>
            </>
          ),
        }))}
      />
      <GroupingField />
    </>
  );
}

/** Apart from the counts above, which change. */
const GroupingField = memo(function GroupingField() {
  const grouping = useView((view) => view.routeGrouping);
  return (
    <div className="toolbar-select">
      <SelectField
        label="Group routes"
        hideLabel
        name="grouping"
        value={grouping}
        onChange={(id) => useView.setState({ routeGrouping: id as RouteGrouping })}
        sections={[{ options: groupings }]}
      />
    </div>
  );
});
