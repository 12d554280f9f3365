/* The call screen: the box loads a household beside the form, the type shows its own questions, the trail its keys. */
(() => {
  const script = document.currentScript;
  const cardUrl = script.dataset.card;
  const form = document.getElementById("new-case");
  const what = document.getElementById("what");
  if (!form) return;

  /* Saved with Enter before the household is loaded, before a chat is read, or before the desk was told whom saving
     sends: it waits for that and saves itself, or the urgent one would lie there unsent. A second Enter after a while insists. */
  const PATIENCE = 3000; // ms
  let loading = 0; // answers still on their way
  let changes = 0; // of the form; what saving will do was asked up to `asked` and is known up to `known`
  let asked = 0;
  let known = 0;
  let held = null;
  let listens = false; // htmx, once the page is read
  addEventListener("DOMContentLoaded", () => { listens = Boolean(window.htmx); });
  form.addEventListener("change", () => { if (listens) changes += 1; });
  const teller = form.querySelector("[data-tells]");
  teller.addEventListener("htmx:beforeRequest", () => { asked = changes; });
  teller.addEventListener("htmx:afterRequest", () => { known = asked; letGo(); });
  document.addEventListener("submit", (event) => {
    const { name, value, formAction } = event.submitter ?? {};
    const isSure = name !== "then" || value === "case" || known === changes; // joining an incident, or only saving, sends nobody
    if (event.target !== form || (isSure && !loading) || (held && Date.now() - held.since > PATIENCE)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held ??= { name, value, formAction, since: Date.now() };
    setTimeout(() => { known = changes; letGo(); }, PATIENCE);
  }, true);
  function letGo() {
    if (!held || loading || known < changes) return;
    const { name, value, formAction } = held;
    held = null;
    const same = (button) => button.type === "submit" && !button.disabled && button.name === name && button.value === value && button.formAction === formAction;
    const button = [...form.elements].find(same);
    if (button || name === undefined) form.requestSubmit(button);
  }
  /* at night Enter chooses nothing: Chromium passes a disabled button over and would press "send somebody now" */
  if (form.elements.night) document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.form === form && event.target.matches("input")) event.preventDefault();
  });

  async function under(way) {
    loading += 1;
    try { return await way(); } finally { loading -= 1; letGo(); }
  }

  /* found: a case opens, a household is loaded and nothing typed is lost */
  document.addEventListener("suggest:chosen", async (event) => {
    const target = new URL(event.detail.value, location.href);
    if (!event.target.closest("[data-ask]")) return;
    if (!target.search) { keysAhead.leave(); location.assign(target); return; }
    const typed = document.getElementById("ask").dataset.typed ?? "";
    if (/^\d{7,15}$/.test(typed.replace(/\D/g, ""))) target.searchParams.set("caller", typed.replace(/\D/g, ""));
    toKeys(); // before the answer: who knows the keys does not wait for it
    const came = await under(() => loadHousehold(target.search));
    if (came === null) return; // somebody else was chosen since
    if (!came) { location.assign(target); return; }
    document.getElementById("ask").value = typed;
    matched(event.detail.by);
  });

  /* what the box was understood as, beside what was typed */
  function matched(by) {
    const chip = document.querySelector("[data-match]");
    chip.textContent = by ?? "";
    chip.hidden = !by;
  }

  /* on the type, not in the text: an input method left on would swallow the letters */
  function toKeys() { (form.querySelector("[name=kind]:checked:not([type=hidden])") ?? form.querySelector("[name=category]") ?? what).focus(); }

  let newest = 0;
  async function loadHousehold(search) {
    const mine = ++newest;
    const answer = await fetch(cardUrl + search, { headers: { "HX-Request": "true" } });
    const text = await answer.text();
    if (mine !== newest) return null;
    if (!answer.ok) return false;
    const parts = new DOMParser().parseFromString(text, "text/html");
    for (const id of ["known", "who", "more"]) document.getElementById(id).replaceWith(document.adoptNode(parts.getElementById(id)));
    form.querySelectorAll("[name=project]").forEach((field) => field.remove());
    for (const id of ["known", "who"]) window.htmx?.process(document.getElementById(id));
    // what is open for them comes into sight; what was typed further down stays
    if (document.querySelector("#more [data-asked-again]")) form.querySelector("details.rest").open = false;
    call();
    form.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  /* a chat, a mail, pictures: pasted or dropped anywhere on this page */
  const LONG = 25;
  function pictures(transfer) {
    const files = [...transfer.files].filter((file) => file.type.startsWith("image/"));
    const input = form.querySelector("[data-photos] input[type=file]");
    if (!files.length || !input) return false;
    const all = new DataTransfer();
    files.forEach((file) => all.items.add(file));
    input.files = all.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }
  async function words(text) {
    const body = new URLSearchParams({ text, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    const answer = await fetch(script.dataset.paste, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) { what.value = text; return; }
    const found = await answer.json();
    if (found.household) await loadHousehold(new URL(found.household, location.href).search);
    for (const name of ["reporter_name", "reporter_phone", "description", "place"]) {
      const field = form.elements[name];
      if (found[name] && field && (!field.value || field.dataset.filled === field.value)) field.value = found[name]; // typed meanwhile stays
    }
    const wechat = [...form.querySelectorAll("[name=channel]")].find((field) => field.type === "radio" ? field.value === "wechat" : true);
    if (wechat?.type === "radio") { wechat.checked = true; tellSource(); } else if (wechat) wechat.value = "wechat";
    if (found.ask) { const box = document.getElementById("ask"); box.value = found.ask; box.focus(); box.dispatchEvent(new Event("input", { bubbles: true })); } else what.focus();
    form.dispatchEvent(new Event("change", { bubbles: true }));
    document.dispatchEvent(new CustomEvent("flash", { detail: { level: "success", text: script.dataset.pasted } }));
  }
  document.addEventListener("paste", (event) => {
    const got = pictures(event.clipboardData);
    const text = event.clipboardData.getData("text/plain");
    // A few words are typed text; a chat has lines, or says more than one would type here.
    const isChat = text.includes("\n") || (text.length > LONG && !event.target.closest?.("textarea"));
    if (isChat && !what.value) { event.preventDefault(); under(() => words(text)); } else if (got) event.preventDefault();
  });
  document.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) event.preventDefault(); });
  document.addEventListener("drop", (event) => { if (pictures(event.dataTransfer)) event.preventDefault(); });
  /* what was typed, before choosing puts the label in its place */
  document.getElementById("ask").addEventListener("input", (event) => { event.target.dataset.typed = event.target.value; matched(""); });

  /* somebody nobody knows: name, room and relation go into the case; a room that is known brings its household */
  document.addEventListener("input", (event) => {
    const own = event.target.closest?.("[data-mirror]");
    const field = own && form.elements[own.dataset.mirror];
    if (field) field.value = own.value;
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-find]") || !event.target.value.trim()) return;
    const ask = document.getElementById("ask");
    ask.value = event.target.value;
    ask.focus();
    ask.dispatchEvent(new Event("input", { bubbles: true }));
  });

  /* the call began with the first thing done here, or with the number that opened the page */
  const begun = form.elements.begun;
  const opened = new Date(begun.dataset.opened).getTime();
  const now = () => opened + performance.now();
  function begin() {
    if (begun.value) return;
    begun.value = new Date(now()).toISOString();
    show();
  }
  function show() {
    const badge = document.querySelector("[data-talk]");
    if (!begun.value) return;
    badge.hidden = false;
    const seconds = Math.max(0, Math.floor((now() - new Date(begun.value).getTime()) / 1000));
    badge.querySelector("[data-talk-time]").textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  }
  document.addEventListener("input", (event) => { if (event.target.closest("[data-intake]")) begin(); });
  document.addEventListener("change", (event) => { if (event.target.closest("[data-intake]")) begin(); });
  setInterval(show, 1000);
  if (new URLSearchParams(location.search).get("caller")) begin();
  show();

  /* what the caller said goes along with "asks again" */
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-asked-again]")) event.target.elements.note.value = what.value;
  }, true);

  /* a number from the phone system that several share, or nobody: the box offers at once */
  const box = document.getElementById("ask");
  if (box.value) addEventListener("load", () => { box.focus(); box.dispatchEvent(new Event("input", { bubbles: true })); }, { once: true });

  document.querySelector("[data-ask]").addEventListener("submit", (event) => event.preventDefault());

  /* who is calling fills the reporter, unless somebody typed another name */
  function call() {
    const chosen = document.querySelector("#who [data-caller]:checked");
    if (!chosen) return;
    for (const [name, value] of [["reporter_name", chosen.dataset.caller], ["reporter_relation", chosen.dataset.relation]]) {
      const field = form.elements[name];
      if (field && (!field.value || field.dataset.filled === field.value)) { field.value = value; field.dataset.filled = value; }
    }
  }

  /* the questions of the chosen type; those of the others are neither seen nor sent */
  function fit() {
    const kind = form.elements.kind.value;
    for (const element of form.querySelectorAll("[data-of]")) {
      const mine = element.dataset.of.split(" ").includes(kind);
      element.hidden = !mine;
      if (element.matches("fieldset")) element.disabled = !mine;
      else element.querySelectorAll("input, select, textarea").forEach((field) => { field.disabled = !mine; });
    }
    levels();
    trail();
    ofCategory();
  }

  /* services of the chosen category, no others */
  function ofCategory() {
    const box = form.querySelector("[data-of-category]");
    const chosen = chosenOf("category")?.value;
    if (!box) return;
    const mine = JSON.parse(box.dataset.ofCategory);
    const select = box.querySelector("select");
    for (const option of select.options) option.hidden = option.disabled = Boolean(option.value && chosen && mine[option.value] !== chosen);
    if (select.selectedOptions[0]?.disabled) { select.value = ""; select.dispatchEvent(new Event("change", { bubbles: true })); }
  }

  const chosenOf = (name) => [...form.querySelectorAll(`[name=${name}]:checked`)].find((input) => !input.closest("fieldset[hidden]"));

  /* a category that is divided: its parts come into sight, and the digits are theirs until Backspace */
  function levels() {
    const label = chosenOf("category")?.closest("label");
    for (const tops of form.querySelectorAll("[data-tops]")) {
      const mine = label && tops.closest("fieldset").contains(label);
      const code = mine ? label.closest("[data-below]")?.dataset.below ?? label.dataset.code : "";
      let parts = null;
      for (const box of tops.parentElement.querySelectorAll("[data-below]")) {
        box.hidden = box.dataset.below !== code;
        if (!box.hidden) parts = box;
      }
      tops.classList.toggle("asleep", Boolean(parts));
      for (const top of tops.children) {
        top.classList.toggle("within", Boolean(parts) && top.dataset.code === code);
        if (parts) { top.dataset.keyOf ??= top.dataset.key ?? ""; delete top.dataset.key; }
        else if (top.dataset.keyOf) { top.dataset.key = top.dataset.keyOf; delete top.dataset.keyOf; }
      }
    }
  }
  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-to-tops]")) return;
    const chosen = chosenOf("category");
    if (chosen) chosen.checked = false;
    (form.querySelector("[name=kind]:checked") ?? what).focus(); // where the digits count
    form.dispatchEvent(new Event("change", { bubbles: true }));
    levels();
    trail();
  });

  function trail() {
    for (const name of ["kind", "category"]) {
      const mark = document.querySelector(`[data-trail=${name}]`);
      const label = chosenOf(name)?.closest("label");
      mark.textContent = label ? label.dataset.path ?? label.dataset.key ?? "·" : "·";
      mark.classList.toggle("on", Boolean(label));
    }
  }

  /* L: the next channel, said where one looks; the chips stand further down */
  const source = document.querySelector("[data-source]");
  const channels = [...form.querySelectorAll("input[name=channel]")];
  function tellSource() {
    const chosen = channels.find((radio) => radio.checked);
    if (chosen) source.querySelector("span").textContent = chosen.closest("label").textContent.trim();
  }
  source.addEventListener("click", () => {
    const next = channels[(channels.findIndex((radio) => radio.checked) + 1) % channels.length];
    next.checked = true;
    next.dispatchEvent(new Event("change", { bubbles: true }));
  });

  document.addEventListener("photos:changed", () => {
    const count = form.querySelector("[data-photos] input[type=file]")?.files.length ?? 0;
    const said = document.querySelector("[data-pictures]");
    said.hidden = !count;
    said.querySelector("span").textContent = count;
  });

  /* a question: what the knowledge base knows stands beside it while it is being written */
  const near = form.querySelector("[data-near]");
  let asking = 0;
  function lookUp() {
    clearTimeout(asking);
    if (!near || near.closest("[hidden]")) return;
    asking = setTimeout(() => near.dispatchEvent(new Event("look")), 300);
  }
  what.addEventListener("input", lookUp);

  /* R: the next technician */
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-next-choice]");
    if (!box || event.target !== box) return;
    const radios = [...box.querySelectorAll("input[type=radio]")];
    const next = radios[(radios.findIndex((radio) => radio.checked) + 1) % radios.length];
    next.checked = true;
    next.dispatchEvent(new Event("change", { bubbles: true }));
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("#who [data-caller]")) call();
    if (event.target.name === "kind") { fit(); lookUp(); }
    if (event.target.name === "channel") tellSource();
    if (event.target.name === "category") { levels(); trail(); ofCategory(); }
    if (event.target.closest("#who")) form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  fit();
  call();
  tellSource();
})();
