/* A shared PC: choosing a colleague leads to the PIN; idle, the PC locks; what somebody was typing waits for that person. */
(() => {
  const script = document.currentScript;
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-pin-people]")) document.getElementById("pin-digits").focus();
  });

  /* parked: a new case that was not saved, under the name of whoever typed it; gone with the browser window */
  const form = document.getElementById("new-case");
  const mine = `parked:${script.dataset.user}`;
  const skip = /^(csrfmiddlewaretoken|client_uuid|begun|send_to)$/;
  if (form && script.dataset.user) {
    const typed = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && value && !skip.test(name));
    const kept = sessionStorage.getItem(mine);
    if (kept && !form.querySelector(".invalid") && !location.search) {
      for (const [name, value] of JSON.parse(kept)) {
        const fields = [...form.elements].filter((field) => field.name === name);
        for (const field of fields) {
          if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value || field.checked;
          else if (!field.value) field.value = value;
        }
      }
      form.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const park = () => {
      const said = document.getElementById("what").value.trim();
      if (said && !form.dataset.sent) sessionStorage.setItem(mine, JSON.stringify(typed())); else sessionStorage.removeItem(mine);
    };
    addEventListener("pagehide", park);
  }

  /* idle in every window of this browser */
  const minutes = Number(script.dataset.idle || 0);
  if (!minutes || !script.dataset.user) return;
  const touch = () => { try { localStorage.setItem("desk-touched", String(Date.now())); } catch { /* private mode */ } };
  const last = () => Number(localStorage.getItem("desk-touched") ?? Date.now());
  for (const name of ["keydown", "pointerdown", "wheel"]) addEventListener(name, touch, { passive: true });
  touch();
  setInterval(() => {
    if (Date.now() - last() < minutes * 60_000) return;
    touch();
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
    const leave = document.createElement("form");
    leave.method = "post";
    leave.action = script.dataset.lock;
    for (const [name, value] of [["csrfmiddlewaretoken", token], ["next", location.pathname + location.search]]) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      leave.append(field);
    }
    document.body.append(leave);
    leave.submit();
  }, 5000);
})();
