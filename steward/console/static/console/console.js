/* The console beyond the shared scripts: the to-do count, the timeline's filter, a step asked for in the address. */
(() => {
  const script = document.currentScript;

  /* 待办: asked for after the page, and again each minute while somebody looks */
  const todo = document.querySelector(".topbar .todo");
  const show = (count) => {
    if (!todo) return;
    const badge = todo.querySelector("b") ?? todo.appendChild(document.createElement("b"));
    badge.textContent = count < 100 ? count : "99+";
    badge.classList.toggle("none", !count);
  };
  async function ask() {
    if (document.hidden || !navigator.onLine) return;
    try {
      const answer = await fetch(script.dataset.count, { headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.ok) show((await answer.json()).count);
    } catch { /* the next minute asks again */ }
  }
  if (todo && !todo.querySelector("b")) ask();
  setInterval(ask, 60_000);
  document.addEventListener("visibilitychange", ask);

  /* timeline: all, what the customer sees, internal, money */
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-show]");
    if (!chosen) return;
    const box = chosen.closest(".box");
    for (const other of box.querySelectorAll("[data-show]")) other.setAttribute("aria-selected", String(other === chosen));
    for (const row of box.querySelectorAll(".events > li[data-kinds]")) {
      row.hidden = chosen.dataset.show !== "all" && !row.dataset.kinds.split(" ").includes(chosen.dataset.show);
    }
    for (const day of box.querySelectorAll(".events > .day")) {
      let next = day.nextElementSibling;
      while (next && !next.matches(".day") && next.hidden) next = next.nextElementSibling;
      day.hidden = !next || next.matches(".day");
    }
  });

  /* copied by a key: the row's own button is out of sight, so say it above the page */
  document.addEventListener("click", (event) => {
    const text = event.target.closest("[data-flash-text]")?.dataset.flashText;
    if (text) document.dispatchEvent(new CustomEvent("flash", { detail: { level: "success", text } }));
  });

  /* a dialog's form: the cursor goes to the first question that is still open, else to the button */
  document.addEventListener("htmx:afterSettle", (event) => {
    const form = event.target.closest?.("dialog")?.querySelector("form");
    // What comes later into a part of the form leaves the cursor to whoever is writing by then.
    if (!form || !event.target.contains(form) || form.querySelector(".invalid")) return;
    const fields = [...form.querySelectorAll(".field")];
    const open = (field) => {
      const radios = [...field.querySelectorAll("input[type=radio]")];
      if (radios.length) return radios.some((radio) => radio.checked) ? null : radios[0];
      return [...field.querySelectorAll("input:not([type=hidden], [type=file], [type=checkbox]), textarea, select")].find((input) => !input.value);
    };
    const required = fields.filter((field) => !field.querySelector(".optional"));
    const next = [...required, ...fields].map(open).find(Boolean) ?? form.querySelector("button[type=submit]");
    next?.focus();
  });

  /* ?do=ACTION opens that step's form at once */
  const asked = document.querySelector("[data-do-now]");
  if (asked) addEventListener("DOMContentLoaded", () => asked.click()); // htmx, which came first, has taken the button over by then
})();
