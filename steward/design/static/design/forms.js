/* Forms: no double submit, the first wrong field gets the focus, rows of lines, quantity buttons, Enter-to-save. */
(() => {
  const lock = (form) => form.querySelectorAll("button[type=submit]").forEach((button) => button.setAttribute("aria-busy", "true"));
  const unlock = (form) => form.querySelectorAll("button[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));

  const free = (form) => { delete form.dataset.sent; unlock(form); };
  const LONG = 10_000; // ms: an answer that was a file leaves the page where it is

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[method=post]:not([hx-post], [data-field-form], [data-share-form])")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => lock(form)); // after the browser has read the pressed button
    setTimeout(() => free(form), LONG);
  });
  /* htmx would send a second Enter after the first: it is dropped instead */
  const sends = (element) => element.matches?.("form[hx-post]");
  document.addEventListener("htmx:confirm", (event) => { if (sends(event.target) && event.target.dataset.sent) event.preventDefault(); });
  document.addEventListener("htmx:beforeRequest", (event) => { if (sends(event.target)) { event.target.dataset.sent = "1"; lock(event.target); } });
  document.addEventListener("htmx:afterRequest", (event) => {
    const leaves = ["HX-Redirect", "HX-Refresh"].some((name) => event.detail.xhr.getResponseHeader(name));
    if (sends(event.target) && !leaves) free(event.target);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));

  const composing = (event) => event.isComposing || event.keyCode === 229; // Safari ends a composition before its Enter comes

  /* data-enter-submits: Enter saves, Shift+Enter is a new line */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || composing(event) || !event.target.matches("textarea[data-enter-submits]")) return;
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector("button[type=submit][data-key=Enter]"));
  });

  /* Ctrl+Enter sends the form one is writing in, unless a button claimed these keys (keyboard.js comes first) */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || composing(event) || event.defaultPrevented) return;
    const form = event.target.form;
    if (!form?.matches("[data-form]")) return;
    const button = form.querySelector("button.btn-primary[type=submit]") ?? form.querySelector("button[type=submit]");
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });

  const focusWrong = (scope) => scope.querySelector?.(".field.invalid :is(input, textarea, select):not([type=hidden])")?.focus();
  /* data-focus-first: a page that is one form begins in it */
  document.querySelector("form[data-focus-first] :is(input, textarea, select):not([type=hidden])")?.focus();
  /* not only with the first picture of the page, as the browser would: who types at once types there */
  if (!document.activeElement || document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
  focusWrong(document);

  /* a query bar answers as soon as something is chosen */
  document.addEventListener("change", (event) => {
    if (event.target.matches("form[data-query] select")) event.target.form.requestSubmit();
  });

  /* rows of lines: their numbers only have to differ, the server reads them in order */
  const cents = (text) => {
    const match = /^\s*(\d+)(?:\.(\d{0,2}))?\s*$/.exec(text ?? "");
    return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
  };
  function total(box) {
    const out = box.querySelector("[data-lines-total]");
    if (!out) return;
    const prices = JSON.parse(box.dataset.prices);
    let sum = 0;
    for (const row of box.querySelectorAll("tbody tr")) {
      const read = (column) => row.querySelector(`[data-column=${column}]`)?.value;
      const price = cents(prices[read("item") ?? read("code")]);
      const quantity = Number(read("quantity") || 0);
      if (price !== null && Number.isFinite(quantity)) sum += Math.round(price * quantity);
    }
    const [yuan, rest] = [Math.floor(sum / 100), String(sum % 100).padStart(2, "0")];
    out.textContent = `¥${String(yuan).replace(/\B(?=(\d{3})+$)/g, ",")}.${rest}`;
  }
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-lines-add]");
    if (add) {
      const box = add.closest("[data-lines]");
      const n = (box.dataset.next ?? box.querySelectorAll("tbody tr").length) * 1;
      box.dataset.next = n + 1;
      box.querySelector("tbody").insertAdjacentHTML("beforeend", box.querySelector("template").innerHTML.replaceAll("__n__", n));
      box.querySelector("tbody tr:last-child :is(select, input)").focus();
    }
    const remove = event.target.closest("[data-lines-remove]");
    if (remove) {
      const box = remove.closest("[data-lines]");
      box.dataset.next ??= box.querySelectorAll("tbody tr").length;
      remove.closest("tr").remove();
      total(box);
    }
    const step = event.target.closest("[data-step]");
    if (step) {
      const input = step.closest(".quantity").querySelector("input");
      input.value = Math.max(Number(input.min || 0), Number(input.value || 0) + Number(step.dataset.step));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  document.addEventListener("input", (event) => { const box = event.target.closest("[data-lines]"); if (box) total(box); });
  document.querySelectorAll("[data-lines]").forEach(total);
  document.addEventListener("htmx:load", (event) => {
    event.target.querySelectorAll?.("[data-lines]").forEach(total);
    if (event.target !== document.body) focusWrong(event.target);
  });
})();
