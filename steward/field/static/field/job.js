/* One job: turns between its steps, goes on in the state that the stored actions lead to, adds up the quote,
   and locks the page while the customer reads and signs. */
(() => {
  const job = document.getElementById("job");
  const { number, free } = job.dataset;
  const facts = JSON.parse(job.dataset.facts);
  const all = (selector, scope = document) => [...scope.querySelectorAll(selector)];
  const home = location.pathname;
  let state = job.dataset.state;
  let step = "";
  let mine = []; // what is stored of this job

  /* ---- one step at a time ------------------------------------------------------------------------ */
  const section = (name) => document.querySelector(`section[data-view="${CSS.escape(name)}"]`);
  const isLock = (name) => Boolean(section(name)?.dataset.lock);
  const lock = (url) => { try { url ? sessionStorage.setItem("field-lock", url) : sessionStorage.removeItem("field-lock"); } catch { /* private mode */ } };

  function show(wanted) {
    // A page in the customer's hands is left once the question is answered, here or elsewhere.
    const answered = isLock(wanted) && section(wanted).dataset.lock !== state;
    step = section(wanted) && !answered ? wanted : "";
    all("[data-view], [data-state]").forEach((element) => {
      if (element.id === "job") return;
      const { view: at, state: when } = element.dataset;
      element.hidden = (at !== undefined && at !== step) || (when !== undefined && !when.split(" ").includes(state));
    });
    const locked = Boolean(step) && isLock(step);
    document.documentElement.classList.toggle("locked", locked);
    lock(locked ? `${home}?step=${step}` : "");
    scrollTo(0, 0);
  }
  function go(wanted) {
    document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
    history.pushState(null, "", wanted ? `${home}?step=${wanted}` : home);
    show(wanted);
    field.refresh();
  }
  addEventListener("popstate", () => {
    if (document.documentElement.classList.contains("locked")) history.pushState(null, "", `${home}?step=${step}`); // the phone is in other hands
    else show(new URLSearchParams(location.search).get("step") ?? "");
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-go], [data-unlock]");
    if (!link) return;
    event.preventDefault();
    go(link.dataset.go ?? "");
  });
  document.addEventListener("field:unlock", () => lock(""));

  /* ---- the state as this phone knows it ------------------------------------------------------------- */
  const lastOf = (action) => mine.filter((item) => item.action === action).at(-1);
  const valueOf = (item, name) => item?.entries.find(([key]) => key === name)?.[1] ?? "";
  const amount = () => (free ? "0.00" : valueOf(lastOf("finish"), "amount") || lastOf("quote")?.quote?.total || job.dataset.agreed);

  /* As the server decides: above the limit to the manager, within the agreed ceiling on with the work, else to the customer. */
  function afterQuote(from, item) {
    const sum = Number(item.quote?.total ?? 0);
    const { limit, ceiling } = job.dataset;
    if (sum > Number(limit)) return "approving";
    if (ceiling && sum <= Number(ceiling)) return from === "working" ? "working" : "agreed";
    return "quoted";
  }
  function reach(from, item) {
    if (item.action === "finish") return Number(amount()) > 0 ? "done" : job.dataset.common ? "checking" : "settling";
    if (item.action === "accept_work") return "settling";
    if (item.action === "quote") return afterQuote(from, item);
    if (item.action === "resume") return job.dataset.resume || "accepted";
    if (item.action === "decline_quote") return Number(job.dataset.declined) > 0 ? "done" : "settling";
    return item.to || from;
  }
  document.addEventListener("field:queue", ({ detail }) => {
    mine = detail.filter((item) => item.number === number && !item.refused);
    state = mine.reduce(reach, job.dataset.state);
    const fact = facts[state] ?? facts[job.dataset.state];
    const badge = document.querySelector("[data-state-badge]");
    badge.querySelector("span").textContent = fact.title;
    badge.querySelector(".i").className = `i i-${fact.icon}`;
    if (mine.length) all(".stages > li").forEach((link, n) => {
      link.className = n < fact.reached ? "done" : n === fact.reached ? "now" : "";
      link.querySelector(".i").className = `i i-${n < fact.reached ? "circle-check-f" : n === fact.reached ? "circle-dot" : "circle"}`;
    });
    fillQuote(lastOf("quote")?.quote);
    fillAmount();
    show(step || (new URLSearchParams(location.search).get("step") ?? ""));
  });

  /* stored instead of sent: go on with the next step */
  document.addEventListener("field:stored", ({ detail: item }) => {
    if (item.number !== number) return;
    field.flash("success", field.words.stored);
    if (item.action === "quote" && valueOf(item, "then") === "share") field.flash("warning", field.words.needs_network);
    const next = { quote: state === "quoted" ? "consent" : "", finish: state === "done" ? "confirm_amount" : "" }[item.action] ?? "";
    go(item.action === "quote" && (!item.quote?.hash || valueOf(item, "then") === "share") ? "" : next);
    all("form[data-field-form]").filter((form) => form.dataset.action === item.action && ["say", "tell", "contain"].includes(item.action)).forEach((form) => form.reset());
  });

  /* ---- the quote -------------------------------------------------------------------------------------- */
  const cells = all("[data-item]");
  const units = (text) => { // hundredths, exact
    const match = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text.trim());
    return match ? BigInt(match[1]) * 100n + BigInt((match[2] ?? "").padEnd(2, "0")) : 0n;
  };
  const product = (price, quantity) => { // in cents, half up as the server rounds
    const exact = units(price) * units(quantity);
    return (exact + 50n) / 100n;
  };
  const plain = (cents) => `${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;
  const money = (text) => { const [yuan, rest] = String(text).split("."); return `¥${yuan.replace(/\B(?=(\d{3})+$)/g, ",")}.${(rest ?? "").padEnd(2, "0")}`; };
  const input = (cell) => cell.querySelector("input[name$=quantity]");

  function total() {
    let sum = 0n;
    let chosen = 0;
    for (const cell of cells) {
      const quantity = input(cell).value;
      const taken = units(quantity) > 0n;
      const typing = document.activeElement === input(cell);
      cell.hidden = !taken && !typing;
      all("input", cell).forEach((each) => { each.disabled = !taken && !typing; });
      document.querySelector(`[data-add="${CSS.escape(cell.dataset.item)}"]`)?.setAttribute("aria-pressed", String(taken));
      if (!taken) continue;
      chosen += 1;
      const cents = product(cell.dataset.price, quantity);
      cell.querySelector("[data-amount]").textContent = money(plain(cents));
      sum += cents;
    }
    const box = document.querySelector("[data-lines-box]");
    if (!box) return;
    box.hidden = !chosen;
    document.querySelector("[data-total]").textContent = money(plain(sum));
    all("[data-needs-lines]").forEach((button) => { button.disabled = !chosen; button.title = chosen ? "" : field.words.at_least_one; });
    const way = { approving: "above", working: "within", agreed: "within" }[afterQuote("working", { quote: { total: plain(sum) } })] ?? "words";
    const hint = document.querySelector("[data-quote-hint]");
    const button = document.querySelector("[data-quote-button]");
    hint.textContent = chosen ? hint.dataset[way] : field.words.at_least_one;
    button.textContent = button.dataset[chosen ? way : "words"];
    document.querySelector("[data-to-customer]").hidden = chosen && way !== "words";
  }
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-add]");
    const by = event.target.closest("[data-step-by]");
    const cell = chip ? cells.find((each) => each.dataset.item === chip.dataset.add) : by?.closest("[data-item]");
    if (cell) {
      const now = units(input(cell).value) + BigInt(chip ? 1 : Number(by.dataset.stepBy)) * 100n;
      const text = plain(now > 0n ? now : 0n).replace(/\.?0+$/, "");
      input(cell).value = now > 0n ? text : "";
      document.activeElement?.blur?.();
      total();
    }
    const fill = event.target.closest("[data-fill]");
    if (fill) document.getElementById(fill.dataset.fill).value = fill.dataset.value;
  });
  document.addEventListener("input", (event) => { if (event.target.closest("[data-item]")) total(); });
  document.addEventListener("focusout", (event) => { if (event.target.closest?.("[data-item]")) setTimeout(total); });

  /* The same text that the server hashes: consent given without network binds exactly this quote, or is refused. */
  async function hashOf(lines) {
    const version = Number(job.dataset.quoteVersion) + 1 + mine.filter((item) => item.action === "quote").length;
    const spelled = lines.map((line) => `[${[line.code, line.name, line.quantity, line.price, line.amount].map((part) => JSON.stringify(part)).join(", ")}]`);
    const text = `[${JSON.stringify(number)}, ${version}, ${JSON.stringify(job.dataset.priceList)}, [${spelled.join(", ")}]]`;
    if (!crypto.subtle) return "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  document.addEventListener("field:item", ({ detail: { item } }) => {
    if (item.action !== "quote" || item.number !== number) return;
    const lines = cells.filter((cell) => units(input(cell).value) > 0n).map((cell) => {
      const quantity = input(cell).value.trim().replace(/^0+(?=\d)/, "");
      const { item: code, name, unit, price } = cell.dataset;
      return { code, name, unit, price, quantity, amount: plain(product(price, quantity)) };
    });
    const sum = lines.reduce((so, line) => so + product(line.price, line.quantity), 0n);
    item.ready = hashOf(lines).then((hash) => { item.quote = { hash, lines, total: plain(sum) }; });
  });

  function fillBill(section, lines) {
    const body = section.querySelector("[data-bill]");
    body.replaceChildren(...lines.map((line) => {
      const row = document.createElement("tr");
      const head = Object.assign(document.createElement("th"), { scope: "row", textContent: line.name });
      row.append(head, Object.assign(document.createElement("td"), { className: "q", textContent: `${line.quantity} ${line.unit}` }), Object.assign(document.createElement("td"), { textContent: line.amount }));
      return row;
    }));
  }
  const word = (name, sum) => { const button = document.querySelector(`[data-view="${name}"] [data-sign-button]`); if (button) button.querySelector("span").textContent = button.dataset.word.replace("{sum}", money(sum)); };
  function fillQuote(quote) {
    const section = document.querySelector('section[data-view="consent"]');
    if (!section || !quote) return;
    section.querySelector("[data-quote-hash]").value = quote.hash;
    section.querySelector("[data-quote-total]").textContent = money(quote.total);
    all("[data-warranty]", section).forEach((line) => line.remove());
    fillBill(section, quote.lines);
    fillBill(document.querySelector('section[data-view="confirm_amount"]'), quote.lines);
    word("consent", quote.total);
  }
  function fillAmount() {
    const section = document.querySelector('section[data-view="confirm_amount"]');
    const done = lastOf("finish");
    if (!section || !done) return;
    section.querySelector("[data-final-amount]").value = amount();
    section.querySelector("[data-final-total]").textContent = money(amount());
    section.querySelector("[data-work-done]").textContent = valueOf(done, "work_done");
    word("confirm_amount", amount());
  }

  /* ---- who signs ------------------------------------------------------------------------------------------ */
  function signer(form) {
    const chosen = form.querySelector("input[name=signer]:checked");
    if (!chosen) return;
    const other = chosen.value === "other";
    const box = form.querySelector("[data-signer-words]");
    box.hidden = !other;
    form.querySelector("[data-signer-is]").textContent = other ? "" : chosen.dataset.person;
    const [name, relation] = [form.querySelector("[name=person_name]"), form.querySelector("[name=relation]")];
    if (other && !form.dataset.other) name.value = relation.value = "";
    if (!other) [name.value, relation.value] = [chosen.dataset.person, chosen.dataset.relation];
    form.dataset.other = other ? "1" : "";
  }
  all("form").filter((form) => form.querySelector("[data-signer-words]")).forEach((form) => {
    signer(form);
    form.addEventListener("change", (event) => { if (event.target.name === "signer") signer(form); });
    /* the pad tells only buttons inside its form: its word is passed on to the one under the thumb */
    const told = form.querySelector("[data-needs-signature]");
    const button = document.querySelector(`[data-sign-button][form="${form.id}"]`);
    const follow = () => { button.disabled = told.disabled; };
    new MutationObserver(follow).observe(told, { attributes: true, attributeFilter: ["disabled"] });
    follow();
  });

  /* ---- the text for WeChat -------------------------------------------------------------------------------- */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-share-form]")) return;
    event.preventDefault();
    const fault = form.querySelector("[data-fault]");
    fault.hidden = true;
    let answer = null;
    try {
      const got = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": field.token(), Accept: "application/json" } });
      if (got.headers.get("Content-Type")?.includes("json")) answer = await got.json();
    } catch { /* said below */ }
    if (answer?.status !== "done") {
      fault.hidden = false;
      fault.querySelector("[data-fault-text]").textContent = answer?.message ?? field.words.needs_network;
      return;
    }
    form.querySelector("textarea").value = answer.text;
    form.querySelector("[data-share-result]").hidden = false;
    form.querySelector("[data-copy-from]").click();
  });

  const chips = document.querySelector("[data-chips]");
  if (chips) chips.hidden = false;
  total();
  show(new URLSearchParams(location.search).get("step") ?? "");
  field.show(); // what is stored was perhaps read before this script came
})();
