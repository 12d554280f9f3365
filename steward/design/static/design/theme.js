/* Runs before the first paint: large type, dark skin and folded menu as this device remembers them. */
(() => {
  const root = document.documentElement;
  const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  root.classList.toggle("large-type", stored("large-type") === "1");
  root.classList.toggle("folded", (stored("folded-menu") ?? (innerWidth <= 1300 ? "1" : "0")) === "1");
  if (root.dataset.theme !== "auto") return;
  const query = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    root.classList.toggle("dark", query.matches);
    document.body.dataset.weuiTheme = query.matches ? "dark" : "light";
  };
  follow();
  query.addEventListener("change", follow);
})();
