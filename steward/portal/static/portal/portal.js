/* Drafts stay on this phone until they are sent; kept pictures can be taken out; reasons fill in by tapping. */
(() => {
  const key = (name) => `steward-draft-${name}`;
  const store = {
    get: (name) => { try { return JSON.parse(localStorage.getItem(key(name))); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(key(name), JSON.stringify(value)); } catch { /* full or private */ } },
    drop: (name) => { try { localStorage.removeItem(key(name)); } catch { /* private */ } },
  };
  const SKIP = new Set(["csrfmiddlewaretoken", "photos", "told_fee"]);

  /* everything typed and tapped, with the form's identifier: sent twice by a bad network it stays one report */
  function keep(form) {
    const values = {};
    for (const [name, value] of new FormData(form)) {
      if (!SKIP.has(name) && typeof value === "string") values[name] = value;
    }
    store.set(form.dataset.draft, values);
  }
  function restore(form) {
    const values = store.get(form.dataset.draft);
    if (!values) return;
    for (const [name, value] of Object.entries(values)) {
      const controls = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
      for (const control of controls) {
        if (control.type === "radio" || control.type === "checkbox") control.checked = control.value === value;
        else if (control.type !== "file") control.value = value;
      }
    }
  }
  document.querySelectorAll("form[data-draft]").forEach((form) => {
    if ("draftNewer" in form.dataset) keep(form); // the server knows better than an older draft
    else restore(form);
    form.addEventListener("input", () => keep(form));
    form.addEventListener("change", () => keep(form));
  });
  document.querySelectorAll("[data-draft-sent]").forEach((mark) => store.drop(mark.dataset.draftSent));

  document.addEventListener("click", (event) => {
    event.target.closest("[data-kept] .remove")?.closest("figure").remove();
    const word = event.target.closest("[data-fills] button");
    if (!word) return;
    const target = document.getElementById(word.parentElement.dataset.fills);
    target.value = target.value.trim() ? `${target.value.trim()}，${word.textContent.trim()}` : word.textContent.trim();
    target.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.querySelector(".field-error")?.scrollIntoView({ block: "center" });
})();
