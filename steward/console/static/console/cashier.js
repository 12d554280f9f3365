/* The counter by hand: way of payment, change, the slip's preview. The server alone decides what is taken. */
(() => {
  const till = document.querySelector("[data-till]");
  document.querySelector("[data-print-now]")?.click();
  if (!till) return;

  const plain = (text) => (text ?? "").normalize("NFKC").replace(/[¥,\s]/g, "");
  const cents = (text) => {
    const match = /^(\d+)(?:\.(\d{0,2}))?$/.exec(plain(text));
    return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
  };
  const yuan = (sum) => `¥${String(Math.floor(sum / 100)).replace(/\B(?=(\d{3})+$)/g, ",")}.${String(sum % 100).padStart(2, "0")}`;

  const due = cents(till.dataset.amount);
  const given = till.elements.tendered;
  const out = till.querySelector("[data-change]");

  function show() {
    const cash = till.elements.method.value === "cash";
    till.querySelector("[data-cash]").hidden = !cash;
    till.querySelector("[data-other]").hidden = cash;
    const sum = given.value.trim() ? cents(given.value) : due;
    out.textContent = sum === null || sum < due ? "—" : yuan(sum - due);
    for (const button of till.querySelectorAll("[data-quick]")) {
      button.setAttribute("aria-pressed", String(cents(button.dataset.quick) === cents(given.value)));
    }
    for (const word of document.querySelectorAll("[data-slip]")) word.textContent = till.elements[word.dataset.slip].value;
  }

  till.addEventListener("input", show);
  till.addEventListener("change", (event) => {
    show();
    if (event.target.name === "method" && till.elements.method.value === "cash") given.select();
  });
  till.addEventListener("click", (event) => {
    const quick = event.target.closest("[data-quick]");
    if (!quick) return;
    given.value = quick.dataset.quick;
    show();
    given.focus();
  });
  show();
})();
