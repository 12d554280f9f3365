/* Price times quantity while somebody chooses: shown, and sent along as what was told. A form says its prices in
   data-service-form, or the select of the services does in data-service-prices. */
(() => {
  const cents = (text) => {
    const found = /^(\d+)(?:\.(\d{1,2}))?$/.exec(String(text).trim());
    return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null;
  };
  const yuan = (sum) => `${Math.floor(sum / 100)}.${String(sum % 100).padStart(2, "0")}`;

  function tell(form) {
    const chosen = form.elements.namedItem("item");
    const prices = JSON.parse(form.dataset.serviceForm ?? chosen?.dataset?.servicePrices ?? "null");
    const told = form.elements.namedItem("told_amount");
    if (!prices || !told) return;
    const price = cents(prices[chosen?.value] ?? "");
    const quantity = cents(form.elements.namedItem("quantity")?.value ?? "");
    // Half a fen goes up, as the house rounds.
    const sum = price !== null && quantity ? Math.floor((price * quantity + 50) / 100) : null;
    told.value = sum === null ? "" : yuan(sum);
    const shown = sum === null ? "—" : `¥${yuan(sum).replace(/\B(?=(\d{3})+\.)/g, ",")}`;
    for (const out of document.querySelectorAll("[data-service-sum]")) {
      if (!out.form || out.form === form) out.textContent = shown;
    }
  }

  const ours = (target) => target.form && ["item", "quantity"].includes(target.name) ? target.form : null;
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => { const form = ours(event.target); if (form) tell(form); });
  }
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-step]")?.closest("form");
    if (form) setTimeout(() => tell(form));
  });
  addEventListener("DOMContentLoaded", () => setTimeout(() => document.querySelectorAll("form[data-service-form]").forEach(tell)));
})();
