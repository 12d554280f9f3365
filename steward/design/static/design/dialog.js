/* Native dialogs. data-dialog="ID" opens one; data-close inside closes it; a click on the backdrop too,
   unless something was typed. A button may load its content: hx-get=… hx-target="#dialog-body"; the shared
   dialog then opens by itself, takes its title from [data-dialog-title] and closes on the event dialog:close. */
(() => {
  const open = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };
  // In order of wish, not of place on the page: Enter must reach the button meant, however fast it is pressed.
  const first = (body) => ["[aria-invalid=true]", "[autofocus]", "input:not([type=hidden]), textarea, select"]
    .map((wish) => body.querySelector(wish)).find(Boolean);
  const touched = (dialog) => [...dialog.querySelectorAll("form")].some((form) => form.dataset.touched);

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) { event.preventDefault(); open(document.getElementById(opener.dataset.dialog)); return; }
    const closer = event.target.closest("dialog [data-close]");
    if (closer) { closer.closest("dialog").close(); return; }
    if (event.target.matches("dialog[open]") && !touched(event.target)) event.target.close();
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("dialog form");
    if (form) form.dataset.touched = "1";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const body = event.target;
    const dialog = body.closest?.("dialog");
    if (!dialog || !body.matches(".dialog-body")) return;
    const title = body.querySelector("[data-dialog-title]");
    if (title) dialog.querySelector(".dialog-head h2").textContent = title.dataset.dialogTitle || title.textContent;
    dialog.classList.toggle("wide", Boolean(body.querySelector("[data-dialog-wide]")));
    open(dialog);
    first(body)?.focus();
    body.querySelectorAll("[autofocus]").forEach((field) => field.removeAttribute("autofocus")); // htmx would focus it again
  });
  document.addEventListener("dialog:close", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close()));
})();
