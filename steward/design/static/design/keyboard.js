/* Shortcuts declared in markup.
   data-key="Y", "F8", "Esc", "Ctrl+K", "Enter", "Space": clicks the element, or focuses it when it is a field or
   says data-key-focuses. What stands in the page comes before what stands around it.
   data-rows on a table or list: J/K or arrows move over its rows, Enter opens, D does the row's own
   [data-row-action], C copies its [data-copy]. Letters never fire while somebody types or composes,
   except in a field that takes digits only, or that is empty and says data-keys-when-empty. */
(() => {
  const FIELDS = "input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]),textarea,select,[contenteditable=true]";

  const SAID = { Escape: "Esc", " ": "Space" };

  const typing = (target, name) => {
    if (!(target instanceof Element) || !target.matches(FIELDS)) return false;
    if (target.matches("[data-keys-when-empty]") && !target.value) return false;
    return !(target.matches("[inputmode=decimal],[inputmode=numeric]") && /^([A-Z]|Enter)$/.test(name));
  };

  const nameOf = (event) => {
    const key = SAID[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
    return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + key;
  };

  const visible = (element) => !element.closest("[hidden]") && element.getClientRects().length > 0;

  const scope = () => document.querySelector("dialog[open]") ?? document;

  const declared = (name) => {
    const found = [...scope().querySelectorAll("[data-key]")].filter(
      (element) => element.dataset.key.toUpperCase() === name.toUpperCase() && visible(element) && !element.disabled);
    return found.find((element) => element.closest("main")) ?? found[0];
  };

  const LEADS_ON = "a[href]:not([href^='#'], [target], [download], [hx-get], [href*=xlsx])"; // a table is a file: the page stays

  const click = (element) => {
    if (element.matches(LEADS_ON)) keysAhead.leave();
    element.click();
  };

  const press = (element) => {
    if (element.matches(`[data-key-focuses],${FIELDS}`)) { element.focus(); element.select?.(); } else click(element);
  };

  const rowsOf = () => {
    const list = [...scope().querySelectorAll("[data-rows]")].find(visible);
    return list ? [...list.querySelectorAll("tbody tr:not(.group), :scope > li:not(.group)")].filter(visible) : [];
  };

  const move = (step) => {
    const rows = rowsOf();
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    rows.forEach((row) => row.removeAttribute("aria-selected"));
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({ block: "nearest" });
    next.dispatchEvent(new CustomEvent("row:selected", { bubbles: true }));
    return true;
  };

  const onRow = (selector) => {
    const row = rowsOf().find((candidate) => candidate.getAttribute("aria-selected") === "true");
    const target = row?.querySelector(selector);
    if (target) click(target);
    return Boolean(target);
  };

  const ROW_KEYS = {
    J: () => move(1), K: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
    Enter: () => onRow("[data-row-open], a[href]"), D: () => onRow("[data-row-action]"), C: () => onRow("[data-copy]"),
  };

  document.addEventListener("keydown", (event) => {
    if (!event.key || event.isComposing || event.keyCode === 229 || event.defaultPrevented) return; // without a key: a browser filling in
    const name = nameOf(event);
    const plain = !/^(Ctrl\+|Alt\+|F\d)/.test(name);
    if (plain && name !== "Esc" && typing(event.target, name)) return;
    if (name === "Esc" && document.querySelector("details[data-drop][open], [aria-expanded=true]")) return;
    if (name === "Enter" && !event.target.matches?.("input") && event.target.closest?.("a,button,summary,label")) return;
    const element = declared(name);
    if (element) { event.preventDefault(); press(element); return; }
    if (name === "?") { event.preventDefault(); document.getElementById("keys-help")?.showModal?.(); return; }
    if (scope() === document && ROW_KEYS[name]?.()) event.preventDefault();
  });

  document.getElementById("keys-help")?.addEventListener("toggle", listKeys);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-dialog=keys-help]")) listKeys(); });

  function listKeys() {
    const list = document.querySelector("[data-keys-list]");
    if (!list) return;
    list.replaceChildren();
    for (const element of document.querySelectorAll("[data-key]")) {
      if (element.closest("dialog, [hidden]")) continue;
      const term = document.createElement("dt");
      const key = document.createElement("kbd");
      key.textContent = element.dataset.key.replace("+", " ");
      term.append(key);
      const what = document.createElement("dd");
      what.textContent = element.getAttribute("aria-label") ?? wordsOf(element);
      list.append(term, what);
    }
  }

  function wordsOf(element) {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("kbd").forEach((key) => key.remove());
    return copy.textContent.trim();
  }
})();
