/* One post for a week: every night takes what stands in the first row. */
(() => {
  const form = document.querySelector("[data-week]");
  form?.querySelector("[data-like-first]")?.addEventListener("click", () => {
    const [first, ...others] = form.querySelectorAll("tbody tr");
    const fields = (row) => [...row.querySelectorAll("select, input")];
    others.forEach((row) => fields(row).forEach((field, n) => { field.value = fields(first)[n].value; }));
  });
})();
