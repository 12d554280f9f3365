/* One post for a week: every night takes what stands in the first row; another colleague has another number. */
(() => {
  const form = document.querySelector("[data-week]");
  form?.querySelector("[data-like-first]")?.addEventListener("click", () => {
    const [first, ...others] = form.querySelectorAll("tbody tr");
    const fields = (row) => [...row.querySelectorAll("select, input")];
    others.forEach((row) => fields(row).forEach((field, n) => { field.value = fields(first)[n].value; }));
  });
  form?.addEventListener("change", ({ target }) => {
    const number = { staff: "phone", instead: "instead-phone" }[target.name.slice(0, -11)];
    if (number) form.elements[`${number}${target.name.slice(-11)}`].value = "";
  });
})();
