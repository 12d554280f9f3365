/* Shows the bar in words and disables what needs the server ([data-needs-server]); what is typed stays. */
(() => {
  const show = () => {
    const off = !navigator.onLine;
    document.documentElement.classList.toggle("offline", off);
    document.querySelectorAll("[data-offline-bar]").forEach((bar) => { bar.hidden = !off; });
    document.querySelectorAll("[data-needs-server]").forEach((control) => { control.disabled = off; });
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  document.addEventListener("htmx:load", show);
  show();
})();
