/* The building grid: arrows move from room to room; the chosen one shows beside the building. */
(() => {
  const grid = document.querySelector("[data-room-grid]");
  if (!grid) return;
  const panel = document.getElementById("room-panel");
  const rows = [...grid.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td:not(.core)")]);
  let waiting;

  const place = (cell) => {
    const y = rows.findIndex((row) => row.some((td) => td.contains(cell)));
    return [y, rows[y].findIndex((td) => td.contains(cell))];
  };

  const next = (cell, dy, dx) => {
    let [y, x] = place(cell);
    for (;;) {
      [y, x] = [y + dy, x + dx];
      if (!rows[y]?.[x]) return null;
      const found = rows[y][x].querySelector("a.cell");
      if (found) return found;
    }
  };

  const choose = (cell) => {
    grid.querySelector("a.cell[aria-current]")?.removeAttribute("aria-current");
    cell.setAttribute("aria-current", "true");
    clearTimeout(waiting);
    waiting = setTimeout(() => htmx.ajax("GET", cell.dataset.panel, { target: panel, swap: "innerHTML" }), 150);
  };

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  grid.addEventListener("focusin", (event) => { if (event.target.matches("a.cell")) choose(event.target); });
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
    const at = grid.querySelector("a.cell[aria-current]");
    const to = at ? next(at, ...step) : grid.querySelector("a.cell.late") ?? grid.querySelector("a.cell");
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
})();
