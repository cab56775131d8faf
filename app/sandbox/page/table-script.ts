/** Script: cards and tables, made of text alone, so that nothing an instance says becomes markup. */
export const tableScript = String.raw`
export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function card(label, value, note) {
  return element("div", { className: "card" },
    element("div", { className: "label", textContent: label }),
    element("div", { className: "value", textContent: value }),
    element("div", { className: "note", textContent: note || "" }));
}

/** A word with a dot whose shape differs too; state is up, weak or down. */
export function status(state, word) {
  const made = element("span", { className: "dot", textContent: word });
  made.dataset.state = state;
  return made;
}

/** columns: { title, of: (row) => text or node, number: true to align right } */
export function table(place, columns, rows, emptyText) {
  if (rows.length === 0) {
    place.replaceChildren(element("p", { className: "empty", textContent: emptyText }));
    return;
  }
  const kind = (column) => (column.number ? "number" : "");
  const head = columns.map((column) => element("th", { className: kind(column), textContent: column.title, scope: "col" }));
  const lines = rows.map((row) =>
    element("tr", {}, ...columns.map((column) => element("td", { className: kind(column) }, column.of(row)))));
  place.replaceChildren(element("div", { className: "scroll" },
    element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...lines))));
}

export function bytes(text) {
  let value = Number(text);
  const units = ["B", "KB", "MB", "GB"];
  let at = 0;
  while (value >= 1024 && at < units.length - 1) { value /= 1024; at += 1; }
  return (at === 0 ? String(value) : value.toFixed(1)) + " " + units[at];
}
`;
