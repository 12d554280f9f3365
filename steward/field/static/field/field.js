/* Sends what is tapped at once, or stores it and replays it in order; shows what is stored and since when. */
const field = (() => {
  const here = document.getElementById("field");
  const { owner, replay, worker, signIn } = here.dataset;
  const words = JSON.parse(here.dataset.words);
  const say = (key, n) => words[key].replace("{n}", n);
  const flash = (level, text) => document.dispatchEvent(new CustomEvent("flash", { detail: { level, text } }));
  const token = () => /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
  const clock = (iso) => new Date(iso).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  let trouble = ""; // why sending stopped though there is network
  let stale = false; // the server knows more than this page shows

  const icon = (name) => {
    const drawing = document.createElement("i");
    drawing.className = `i i-${name}`;
    drawing.setAttribute("aria-hidden", "true");
    return drawing;
  };
  const span = (text, cls = "") => Object.assign(document.createElement("span"), { textContent: text, className: cls });
  const waitingOf = (items) => items.filter((item) => !item.refused);

  /* ---- the box above every page ------------------------------------------------------------ */
  function row(item) {
    const line = document.createElement("li");
    if (item.refused) line.className = "refused";
    line.append(icon(item.refused ? "alert-circle" : "cloud-upload"), span(`${item.title} · ${item.about}`, "grow"));
    const pictures = item.entries.filter(([, value]) => value instanceof Blob).length;
    if (pictures) line.append(span(say("photos", pictures)));
    line.append(Object.assign(document.createElement("time"), { dateTime: item.tapped, textContent: clock(item.tapped) }));
    if (item.refused) line.append(span(`${words.kept_here}: ${item.refused}`, "meta"));
    return line;
  }

  async function show() {
    const items = await fieldQueue.of(owner);
    const waiting = waitingOf(items);
    const box = document.querySelector("[data-queue]");
    const off = !navigator.onLine;
    box.hidden = !items.length && !off;
    box.classList.toggle("soon", !off && Boolean(trouble));
    box.querySelector("summary .i").className = `i i-${off ? "wifi-off" : "cloud-upload"}`;
    const title = box.querySelector("[data-queue-title]");
    title.textContent = off ? words.offline : words[trouble] ? say(trouble, waiting.length) : words.waiting;
    if (!off && trouble === "sign_in") {
      const link = Object.assign(document.createElement("a"), { href: `${signIn}?next=${encodeURIComponent(location.pathname)}`, textContent: title.textContent });
      title.replaceChildren(link);
    }
    box.querySelector("[data-queue-count]").textContent = items.length ? say("items", waiting.length) : "";
    box.querySelector("[data-queue-rows]").replaceChildren(...items.map(row));
    if (items.length && box.dataset.opened !== "1") { box.dataset.opened = "1"; box.open = items.length <= 3; }
    cards(items);
    await state(waiting);
    document.dispatchEvent(new CustomEvent("field:queue", { detail: items }));
  }

  /* a job with something stored: say so on its card, and lead to its page, which knows the next step */
  function cards(items) {
    for (const card of document.querySelectorAll("[data-job]")) {
      const mine = waitingOf(items).filter((item) => item.number === card.dataset.job);
      const line = card.querySelector("[data-job-stored]");
      if (!line) continue;
      line.hidden = !mine.length;
      const last = mine.at(-1);
      if (!last) continue;
      line.querySelector("span").textContent = `${last.title} ${clock(last.tapped)}`;
      const place = card.querySelector("[data-job-do]");
      if (!place) continue;
      const link = Object.assign(document.createElement("a"), { className: "btn btn-primary", href: card.dataset.url });
      link.append(icon("player-play"), span(words.go_on));
      place.replaceChildren(link);
    }
  }

  async function state(waiting) {
    const line = document.querySelector("[data-queue-state]");
    if (!line) return;
    line.textContent = waiting.length ? `${say("items", waiting.length)}, ${words.since.replace("{at}", clock(waiting[0].tapped))}` : words.none;
    document.querySelector("[data-send-now]").hidden = !waiting.length;
    const others = await fieldQueue.ofOthers(owner);
    const note = document.querySelector("[data-queue-others]");
    note.hidden = !others;
    note.textContent = say("others", others);
  }

  /* ---- replay -------------------------------------------------------------------------------- */
  async function send(item) {
    const body = new FormData();
    const about = { owner: item.owner, number: item.number, action: item.action, client_uuid: item.id, tapped_at: item.tapped };
    for (const [name, value] of Object.entries({ ...about, sent_at: new Date().toISOString() })) body.append(name, value);
    for (const [name, value] of item.entries) value instanceof Blob ? body.append(name, value, value.name || "photo.jpg") : body.append(name, value);
    const headers = { "X-CSRFToken": token(), Accept: "application/json" };
    let answer;
    try {
      answer = await fetch(replay, { method: "POST", body, headers, credentials: "same-origin" });
    } catch { return null; }
    const json = answer.headers.get("Content-Type")?.includes("json");
    return json ? answer.json() : { status: answer.status === 403 ? "refresh" : "failed" };
  }

  async function drainOnce() {
    let sent = 0;
    trouble = "";
    for (;;) {
      const item = waitingOf(await fieldQueue.of(owner))[0];
      if (!item) break;
      const verdict = await send(item);
      if (verdict === null) break; // no network after all
      if (["sign_in", "refresh", "failed"].includes(verdict.status)) { trouble = verdict.status; break; }
      if (verdict.kept) await fieldQueue.remove(item);
      else await fieldQueue.put({ ...item, refused: verdict.message || words.failed });
      sent += 1;
    }
    return sent;
  }

  async function drain() {
    if (!navigator.onLine || !waitingOf(await fieldQueue.of(owner)).length) { await show(); return; }
    const work = (lock) => (lock === null ? 0 : drainOnce()); // another tab of this phone is at it
    const sent = navigator.locks ? await navigator.locks.request("field-queue", { ifAvailable: true }, work) : await drainOnce();
    await show();
    if (!sent) return;
    stale = true;
    try { sessionStorage.setItem("field-flash", say("sent", sent)); } catch { /* private mode */ }
    refresh();
  }

  /* newer words from the server, unless somebody is in the middle of a step */
  function refresh() {
    const busy = document.documentElement.classList.contains("locked") || new URLSearchParams(location.search).get("step") || document.querySelector("dialog[open], form[data-touched]");
    if (stale && !busy && navigator.onLine) location.reload();
  }

  /* ---- forms ---------------------------------------------------------------------------------- */
  function entriesOf(form, submitter) {
    const data = new FormData(form);
    if (submitter?.name) data.append(submitter.name, submitter.value);
    const own = new Set(["csrfmiddlewaretoken", "client_uuid", "signer"]);
    return [...data.entries()].filter(([name, value]) => !own.has(name) && !(value instanceof File && !value.size));
  }

  async function store(item) {
    try {
      await fieldQueue.add(item);
    } catch {
      flash("error", words.full);
      return false;
    }
    await show();
    document.dispatchEvent(new CustomEvent("field:stored", { detail: item }));
    return true;
  }

  function refuse(form, answer) {
    form.querySelectorAll(".field-error").forEach((old) => old.remove());
    form.querySelectorAll(".field.invalid").forEach((old) => old.classList.remove("invalid"));
    let left = "";
    for (const [path, text] of Object.entries(answer.fields ?? {})) {
      const box = form.querySelector(`[data-field="${CSS.escape(path.split(".")[0])}"]`);
      if (!box) { left = text; continue; }
      const line = Object.assign(document.createElement("p"), { className: "field-error" });
      line.append(icon("alert-circle"), span(text));
      box.classList.add("invalid");
      box.append(line);
    }
    const fault = form.querySelector("[data-fault]");
    const general = left || (answer.fields ? "" : answer.message);
    if (fault) { fault.hidden = !general; fault.querySelector("[data-fault-text]").textContent = general; }
    else flash("error", general || answer.message);
    (form.querySelector(".field.invalid") ?? fault)?.scrollIntoView({ block: "center" });
  }

  async function post(form, item) {
    const body = new FormData();
    body.append("client_uuid", item.id);
    for (const [name, value] of item.entries) value instanceof Blob ? body.append(name, value, value.name || "photo.jpg") : body.append(name, value);
    const headers = { "X-CSRFToken": token(), Accept: "application/json" };
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers, credentials: "same-origin", signal: AbortSignal.timeout(25000) });
      return answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
    } catch { return null; }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-field-form]")) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    buttonsOf(form).forEach((button) => button.setAttribute("aria-busy", "true"));
    let leaves = false;
    try {
      leaves = await act(form, event.submitter);
    } finally {
      if (!leaves) free(form); // a second tap before the next page is there would be a second line in the log
    }
  });
  const buttonsOf = (form) => [...document.querySelectorAll("button[type=submit]")].filter((button) => button.form === form);
  function free(form) {
    delete form.dataset.busy;
    buttonsOf(form).forEach((button) => button.removeAttribute("aria-busy"));
  }
  document.addEventListener("input", (event) => { const form = event.target.closest("form[data-field-form]"); if (form) form.dataset.touched = "1"; });
  document.addEventListener("reset", (event) => { delete event.target.dataset.touched; });

  /* Answers whether the page is being left. */
  async function act(form, submitter) {
    const { number, action, title, to } = form.dataset;
    const about = form.closest("[data-job]")?.querySelector("h2")?.textContent ?? document.getElementById("job")?.dataset.title ?? number;
    const item = { owner, number, action, title, to, about, id: fieldQueue.uuid(), tapped: new Date().toISOString(), entries: entriesOf(form, submitter) };
    document.dispatchEvent(new CustomEvent("field:item", { detail: { item, form } }));
    await item.ready; // the quote's hash
    delete item.ready;
    const queued = waitingOf(await fieldQueue.of(owner)).length;
    const answer = navigator.onLine && !queued ? await post(form, item) : null;
    if (answer === null) {
      if (await store(item)) {
        delete form.dataset.touched;
        if (!document.getElementById("job")) { form.reset(); flash("success", words.stored); } // a job's page says more
        drain();
      }
    } else if (answer.status === "done") {
      document.dispatchEvent(new CustomEvent("field:unlock"));
      location.assign(answer.next);
      return true;
    } else {
      refuse(form, answer);
    }
    return false;
  }

  /* ---- what this phone keeps for a time without network ----------------------------------------- */
  async function keep() {
    if (!navigator.serviceWorker) return;
    try {
      await navigator.serviceWorker.register(worker, { scope: "/field/" });
      const ready = await navigator.serviceWorker.ready;
      const before = localStorage.getItem("field-owner");
      if (before && before !== owner) { ready.active.postMessage({ type: "forget" }); localStorage.removeItem("field-kept"); }
      localStorage.setItem("field-owner", owner);
      const shell = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((tag) => tag.href || tag.src);
      shell.push(...JSON.parse(here.dataset.shell).map((url) => new URL(url, location.href).href)); // of a job's page
      const { pages, versions } = pagesToKeep();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data: page }) => { if (versions[page]) noteKept(page, versions[page]); };
      ready.active.postMessage({ type: "keep", shell, pages }, [port2]);
    } catch { /* private mode, or plain http: then only the open page is there without network */ }
  }

  const kept = () => JSON.parse(localStorage.getItem("field-kept") ?? "{}");
  const noteKept = (page, version) => localStorage.setItem("field-kept", JSON.stringify({ ...kept(), [page]: version })); // lies here whole
  function pagesToKeep() {
    const known = kept();
    const versions = location.pathname === "/field/" ? { "/field/me/": "1", "/field/pool/": "1", "/field/offline/": "1" } : {};
    for (const card of document.querySelectorAll("[data-job]")) versions[card.dataset.url] = card.dataset.version;
    const pages = Object.keys(versions).filter((page) => known[page] !== versions[page]);
    return { pages: [location.pathname, ...pages], versions };
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    navigator.serviceWorker?.controller?.postMessage({ type: "forget" });
    localStorage.removeItem("field-kept");
  });

  /* ---- tabs, without asking the server ------------------------------------------------------------ */
  function turn(tab) {
    if (!document.querySelector(`[data-tab-panel="${CSS.escape(tab)}"]`)) return;
    document.querySelectorAll("[data-tab-panel]").forEach((panel) => { panel.hidden = panel.dataset.tabPanel !== tab; });
    document.querySelectorAll("[data-tab]").forEach((link) => link.dataset.tab === tab ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
  }
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (tab) { event.preventDefault(); history.replaceState(null, "", `?tab=${tab.dataset.tab}`); turn(tab.dataset.tab); }
    if (event.target.closest("[data-send-now]")) drain();
  });
  if (document.querySelector("[data-tab-panel]")) turn(new URLSearchParams(location.search).get("tab") || "todo");

  addEventListener("online", drain);
  addEventListener("offline", show);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) drain(); });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-busy]").forEach(free);
    drain();
  });
  setInterval(() => { if (!document.hidden) drain(); }, 20000);
  try {
    const text = sessionStorage.getItem("field-flash");
    if (text) { sessionStorage.removeItem("field-flash"); flash("success", text); }
  } catch { /* private mode */ }
  drain();
  keep();

  return { words, flash, token, refresh, show };
})();
