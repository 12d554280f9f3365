/* The frame: drop-downs, folded menu, large type, CSS variables from data-vars (CSP forbids style attributes). */
(() => {
  const root = document.documentElement;
  const remember = (key, on) => { try { localStorage.setItem(key, on ? "1" : "0"); } catch { /* private mode */ } };

  const toggle = (cls, key) => remember(key, root.classList.toggle(cls));

  const setVars = (scope) => {
    const found = [...scope.querySelectorAll("[data-vars]")];
    if (scope.matches?.("[data-vars]")) found.push(scope);
    for (const element of found) {
      for (const pair of element.dataset.vars.trim().split(/\s+/)) {
        const [name, value] = pair.split(":");
        element.style.setProperty(`--${name}`, value);
      }
    }
  };

  document.addEventListener("click", (event) => {
    for (const drop of document.querySelectorAll("details[data-drop][open]")) {
      if (!drop.contains(event.target)) drop.open = false;
    }
    if (event.target.closest("[data-fold]")) toggle("folded", "folded-menu");
    if (event.target.closest("[data-large-type]")) toggle("large-type", "large-type");
    if (event.target.closest("[data-print]")) print();
    if (event.target.closest("[data-reload]")) location.reload();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const drop of document.querySelectorAll("details[data-drop][open]")) {
      drop.open = false;
      drop.querySelector("summary").focus();
    }
  });
  /* the menu by arrows: Alt+M leads into it, Enter goes on as with every link */
  document.addEventListener("keydown", (event) => {
    const nav = event.target.closest?.(".sidenav");
    if (!nav || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const lines = [...nav.querySelectorAll("a")].filter((line) => line.getClientRects().length > 0);
    const here = lines.indexOf(event.target);
    const last = lines.length - 1;
    const now = here < 0 ? Math.max(0, lines.findIndex((line) => line.matches("[aria-current]"))) : here;
    const step = here < 0 ? 0 : event.key === "ArrowDown" ? 1 : -1;
    lines[event.key === "Home" ? 0 : event.key === "End" ? last : (now + step + lines.length) % lines.length]?.focus();
  }, true);
  setVars(document);
  document.addEventListener("htmx:load", (event) => setVars(event.target));
})();
