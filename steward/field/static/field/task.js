/* A case of another kind: turns between its steps, goes on in the state that the stored actions lead to,
   and says what less than ordered comes to. */
(() => {
  const job = document.getElementById("job");
  const { number } = job.dataset;
  const titles = JSON.parse(job.dataset.states);
  const home = location.pathname;
  const all = (selector, scope = document) => [...scope.querySelectorAll(selector)];
  const part = job.dataset.subtask ?? ""; // of a part asked of me
  const partOf = (item) => item.entries.find(([key]) => key === "subtask")?.[1] ?? "";
  let mine = []; // what is stored of this case

  function show(wanted) {
    const step = document.querySelector(`section[data-view="${CSS.escape(wanted)}"]`) ? wanted : "";
    all("[data-view]").forEach((element) => { element.hidden = element.dataset.view !== step; });
    scrollTo(0, 0);
  }
  function go(wanted) {
    all("dialog[open]").forEach((dialog) => dialog.close());
    history.pushState(null, "", wanted ? `${home}?step=${wanted}` : home);
    show(wanted);
    field.refresh();
  }
  addEventListener("popstate", () => show(new URLSearchParams(location.search).get("step") ?? ""));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-go]");
    if (!link) return;
    event.preventDefault();
    go(link.dataset.go);
  });

  /* the state as this phone knows it: the first button that it allows and that is not stored already */
  document.addEventListener("field:queue", ({ detail }) => {
    mine = detail.filter((item) => item.number === number && partOf(item) === part && !item.refused);
    const state = mine.reduce((from, item) => item.to || from, job.dataset.state);
    document.querySelector("[data-state-badge] span").textContent = titles[state] ?? titles[job.dataset.state];
    const done = new Set(mine.map((item) => item.action));
    const buttons = all("[data-next]");
    const next = buttons.find((each) => each.dataset.sources.split(" ").includes(state) && !done.has(each.dataset.next));
    buttons.forEach((each) => { each.hidden = each !== next; });
    const nothing = document.querySelector("[data-nothing]");
    if (nothing) nothing.hidden = Boolean(next);
    all(".more [data-state], footer [data-state]").forEach((item) => { item.hidden = !item.dataset.state.split(" ").includes(state); });
  });
  document.addEventListener("field:stored", ({ detail: item }) => {
    if (item.number !== number) return;
    field.flash("success", field.words.stored);
    go("");
    all("form[data-field-form]").filter((form) => form.dataset.action === item.action && ["say", "tell"].includes(item.action)).forEach((form) => form.reset());
  });

  /* hundredths, exact; half up as the server rounds */
  const units = (text) => {
    const match = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text.trim());
    return match ? BigInt(match[1]) * 100n + BigInt((match[2] ?? "").padEnd(2, "0")) : null;
  };
  const sold = document.querySelector("[data-price]");
  const quantity = sold?.closest("form").querySelector("[name=quantity]");
  quantity?.addEventListener("input", () => {
    const taken = units(quantity.value || sold.dataset.ordered);
    if (taken === null) return;
    const cents = (units(sold.dataset.price) * taken + 50n) / 100n;
    sold.querySelector("[data-amount]").textContent = `¥${String(cents / 100n).replace(/\B(?=(\d{3})+$)/g, ",")}.${String(cents % 100n).padStart(2, "0")}`;
  });
})();
