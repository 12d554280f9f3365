/* A combobox: data-suggest="URL" answers ?q= with [{value, label, hint, url, by}] (by: what matched). Arrows, Enter, Esc; Chinese input
   waits for the end of composition. Enter before the answer is there chooses as soon as it is, if it can only be one; a list for
   what stood there before is never chosen from. Typing something else empties the hidden value, if there is one; choosing
   an item with a url goes there. Around it: event suggest:chosen {value, label, by, item}. */
(() => {
  const asked = new WeakMap(); // field -> the question whose answer is still awaited; entered: the keys since Enter

  function parts(input) {
    const box = input.closest("[data-suggest]");
    return { box, hidden: box.querySelector("input[type=hidden]"), list: box.querySelector(".suggest-list") };
  }

  const now = (input) => input.value.trim();

  function close(input) {
    asked.delete(input);
    parts(input).list?.remove();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(input, option) {
    if (option.dataset.url) { keysAhead.leave(); location.assign(option.dataset.url); return; }
    const { box, hidden } = parts(input);
    if (hidden) hidden.value = option.dataset.value;
    input.value = option.dataset.label;
    const { item } = option;
    close(input);
    box.dispatchEvent(new CustomEvent("suggest:chosen", { bubbles: true, detail: { value: option.dataset.value, label: input.value, by: option.dataset.by ?? "", item } }));
  }

  function show(input, found) {
    close(input);
    const { box } = parts(input);
    const list = document.createElement("ul");
    list.className = "suggest-list";
    list.id = `${input.id || input.name}-list`;
    list.setAttribute("role", "listbox");
    found.forEach((item, at) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${at}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", String(at === 0));
      option.item = item;
      option.dataset.value = item.value;
      option.dataset.label = item.label;
      if (item.url) option.dataset.url = item.url;
      option.append(item.label);
      if (item.by) {
        option.dataset.by = item.by;
        option.append(Object.assign(document.createElement("em"), { className: "by", textContent: item.by }));
      }
      if (item.hint) {
        const hint = document.createElement("small");
        hint.textContent = item.hint;
        option.append(hint);
      }
      list.append(option);
    });
    if (!found.length) {
      const none = document.createElement("li");
      none.textContent = box.dataset.none;
      list.append(none);
    }
    box.append(list);
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-controls", list.id);
  }

  async function ask(input, question) {
    const awaited = () => asked.get(input) === question && now(input) === question.query; // not newer words, not left, not given up
    if (question.sent || !awaited()) return;
    question.sent = true;
    const url = new URL(parts(input).box.dataset.suggest, location.href);
    url.searchParams.set("q", question.query);
    let found = null;
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      found = answer.ok ? await answer.json() : [];
    } catch { /* no network: nothing is offered */ }
    if (awaited()) {
      if (found === null) close(input); else show(input, found.items ?? found);
      const options = parts(input).list?.querySelectorAll("[role=option]") ?? [];
      const isSure = question.entered && options.length === 1;
      if (isSure) choose(input, options[0]);
      keysAhead.release(question.entered, isSure);
    } else keysAhead.release(question.entered, false);
  }

  function later(input) {
    const question = { query: now(input), sent: false, entered: null };
    if (!question.query || !parts(input).box.dataset.suggest) { close(input); return; }
    asked.set(input, question);
    setTimeout(() => ask(input, question), 180);
  }
  const forget = (input) => { const { hidden } = parts(input); if (hidden) hidden.value = ""; };
  const ours = (target) => target.matches?.("[data-suggest] [role=combobox]");

  document.addEventListener("input", (event) => {
    if (!ours(event.target) || event.isComposing) return;
    forget(event.target);
    later(event.target);
  });
  document.addEventListener("compositionend", (event) => { if (ours(event.target)) { forget(event.target); later(event.target); } });
  document.addEventListener("keydown", (event) => {
    if (!ours(event.target) || event.isComposing || event.keyCode === 229) return;
    const question = asked.get(event.target);
    if (question && event.key === "Enter") { event.preventDefault(); question.entered ??= keysAhead.hold(); ask(event.target, question); return; }
    if (question && event.key === "Escape") asked.delete(event.target);
    const { list } = parts(event.target);
    const options = list ? [...list.querySelectorAll("[role=option]")] : [];
    if (!options.length) return;
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      options.forEach((option, index) => option.setAttribute("aria-selected", String(index === next)));
      event.target.setAttribute("aria-activedescendant", options[next].id);
      options[next].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(event.target, options[Math.max(at, 0)]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close(event.target);
    }
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest(".suggest-list [role=option]");
    if (!option) return;
    event.preventDefault();
    choose(option.closest("[data-suggest]").querySelector("[role=combobox]"), option);
  });
  document.addEventListener("focusout", (event) => { if (ours(event.target)) close(event.target); });
})();
