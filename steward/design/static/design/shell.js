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
  setVars(document);
  document.addEventListener("htmx:load", (event) => setVars(event.target));
})();
