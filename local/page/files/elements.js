// @ts-check
// Elements of the page, found and made. Text enters it as text only.

/**
 * The element with this ID; page.html has it.
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`page.html has no ${id}`);
  return element;
}

/**
 * A new element.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/**
 * A cell of a table whose rows become cards on a phone, each cell with its column's name before it.
 * @param {string} column
 * @param {...(Node | string)} children
 */
export function cell(column, ...children) {
  return element("td", { role: "cell", "data-column": column }, ...children);
}

/**
 * A row of such a table.
 * @param {...Node} cells
 */
export function row(...cells) {
  return element("tr", { role: "row" }, ...cells);
}

/**
 * The heading of a column of such a table.
 * @param {string} name
 */
export function column(name) {
  return element("th", { role: "columnheader", scope: "col" }, name);
}
