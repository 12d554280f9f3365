/* The dispatch board by hand: choose a card, light up who fits, pick by number or by dragging, move by quarters.
   The server alone decides; this only fills in the card's own form. */
(() => {
  const grid = document.getElementById("dispatch");
  if (!grid) return;
  const QUARTER = 0.25;
  const FIRST = 8;
  const LAST = 20;

  const cards = () => [...grid.querySelectorAll(".pool li[data-case]")];
  const chosen = () => grid.querySelector(".pool li[data-case][aria-selected=true]");
  const lanes = () => [...grid.querySelectorAll(".lanes > li[data-staff]")];
  const form = () => chosen()?.querySelector("form.pick");
  const handler = () => form()?.querySelector("select[name=handler]");
  const appointment = () => form()?.querySelector("input[name=appointment_at]");
  const fits = (lane, skill) => !lane.dataset.away && (!skill || lane.dataset.skills.split(" ").includes(skill));

  const day = () => form()?.querySelector("[name=day]")?.value;
  const pad = (n) => String(n).padStart(2, "0");
  const asText = (hour) => `${day()}T${pad(Math.floor(hour))}:${pad(Math.round((hour % 1) * 60))}`;
  const asHour = (text) => {
    if (!text || text.slice(0, 10) !== day()) return null;
    return Number(text.slice(11, 13)) + Number(text.slice(14, 16)) / 60;
  };

  /* what the chosen card means for everybody's day */
  function show() {
    const card = chosen();
    const skill = card?.dataset.skill ?? "";
    for (const lane of lanes()) {
      const good = fits(lane, skill);
      lane.classList.toggle("fit", good);
      lane.classList.toggle("no", !good);
      lane.querySelector(".why-not").textContent = good ? "" : lane.dataset.away || (card?.dataset.why ?? "");
      lane.classList.toggle("picked", lane.dataset.staff === handler()?.value);
    }
    const hint = grid.querySelector("[data-hint-here]");
    if (card && hint) hint.textContent = card.dataset.hint;
    const lane = lanes().find((one) => one.dataset.staff === handler()?.value);
    const forced = form()?.querySelector("[data-forced]");
    if (forced) forced.hidden = !forced.querySelector("input").value && (!lane || fits(lane, skill));
    ghost(lane);
  }

  function ghost(lane) {
    grid.querySelector(".slot.ghost")?.remove();
    const hour = asHour(appointment()?.value);
    if (!lane || hour === null || hour >= LAST) return;
    const block = document.createElement("span");
    block.className = "slot ghost";
    const label = document.createElement("b");
    label.textContent = chosen().dataset.place;
    block.append(label, appointment().value.slice(11, 16));
    block.style.setProperty("--s", hour);
    block.style.setProperty("--e", Math.min(hour + 1, LAST));
    lane.querySelector(".lane").append(block);
  }

  function select(card) {
    cards().forEach((other) => other.removeAttribute("aria-selected"));
    card.setAttribute("aria-selected", "true");
    show();
  }

  function pick(staff) {
    if (!handler()) return;
    handler().value = staff;
    form().dataset.touched = "1";
    show();
  }

  function move(step) {
    const field = appointment();
    if (!field) return;
    const from = asHour(field.value) ?? Math.max(FIRST, Math.ceil(Number(grid.querySelector("[data-now]").dataset.now) / QUARTER) * QUARTER) - step;
    field.value = asText(Math.min(LAST - QUARTER, Math.max(FIRST, from + step)));
    form().dataset.touched = "1";
    show();
  }

  grid.addEventListener("click", (event) => {
    const man = event.target.closest(".man");
    if (man) { pick(man.closest("li").dataset.staff); return; }
    const card = event.target.closest(".pool li[data-case]");
    if (card && card !== chosen()) select(card);
  });
  grid.addEventListener("row:selected", show);
  grid.addEventListener("input", (event) => {
    const own = event.target.closest("form");
    if (own) own.dataset.touched = "1";
    show();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    move(event.key === "ArrowLeft" ? -QUARTER : QUARTER);
  });

  /* drag a card, or a job that was sent and not accepted, onto somebody's day */
  grid.addEventListener("dragstart", (event) => {
    const from = event.target.closest("[data-case], [data-number]");
    const number = from?.dataset.case ?? from?.dataset.number;
    const card = cards().find((one) => one.dataset.case === number);
    if (!card) { event.preventDefault(); return; }
    select(card);
    event.dataTransfer.setData("text/plain", number);
    event.dataTransfer.effectAllowed = "move";
  });
  const laneAt = (event) => event.target.closest?.(".lanes > li[data-staff]");
  const calm = () => grid.querySelectorAll(".lane.over").forEach((lane) => lane.classList.remove("over"));
  grid.addEventListener("dragover", (event) => {
    const lane = laneAt(event);
    if (!lane || !handler()) return;
    event.preventDefault();
    calm();
    lane.querySelector(".lane").classList.add("over");
  });
  grid.addEventListener("dragend", calm);
  grid.addEventListener("drop", (event) => {
    const lane = laneAt(event);
    if (!lane || !handler()) return;
    event.preventDefault();
    calm();
    const area = lane.querySelector(".lane").getBoundingClientRect();
    if (event.clientX >= area.left) {
      const hour = FIRST + ((event.clientX - area.left) / area.width) * (LAST - FIRST);
      appointment().value = asText(Math.min(LAST - QUARTER, Math.floor(hour / QUARTER) * QUARTER));
    }
    form().dataset.touched = "1";
    pick(lane.dataset.staff);
    form().querySelector("[type=submit]").focus();
  });

  /* fresh each minute, never under somebody's fingers; says so when there is no news */
  const fresh = document.querySelector("[data-fresh]");
  let heard = Date.now();
  let shown = fresh.querySelector("span").textContent;
  const say = () => {
    const read = grid.querySelector("[data-read]")?.dataset.read ?? "";
    const old = Date.now() - heard > 75_000;
    const text = fresh.dataset[old ? "old" : "new"].replace("{at}", read);
    fresh.classList.toggle("old", old);
    if (text !== shown) fresh.querySelector("span").textContent = shown = text;
  };
  const busy = () => form()?.dataset.touched || grid.querySelector(".field-error, form[data-sent], select:focus, input:focus") || document.querySelector("dialog[open]");
  const picked = () => chosen()?.dataset.case ?? "";
  let askedOf = "";
  setInterval(() => {
    if (document.hidden || busy()) return;
    askedOf = picked();
    htmx.ajax("GET", `${grid.dataset.keep}&case=${encodeURIComponent(askedOf)}`, { target: grid, swap: "innerHTML" });
  }, 60_000);
  /* somebody began while the news were on their way: they wait for the next minute */
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === grid && (busy() || picked() !== askedOf)) event.detail.shouldSwap = false;
  });
  setInterval(say, 5_000);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === grid) { heard = Date.now(); say(); }
    if (grid.contains(event.target)) show();
  });
  document.addEventListener("htmx:load", (event) => { if (grid.contains(event.target)) show(); });
  show();
})();
