/* An answer of the knowledge base is taken over into the field that is being written: by its button, its Alt key,
   or by choosing it in the box that completes. What was typed already stays in front of it. */
(() => {
  const take = (form, id, question, text) => {
    const answer = form.querySelector("textarea[name=answer]");
    const box = form.querySelector("[data-field=article] [data-suggest]");
    const kept = box?.querySelector("input[type=hidden]") ?? form.querySelector("input[name=article]");
    if (!answer || !kept) return;
    const typed = answer.value.trim();
    answer.value = typed && typed !== text ? `${typed}\n${text}` : text;
    kept.value = id;
    if (box) box.querySelector("[role=combobox]").value = question;
    answer.focus();
    answer.dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-article]");
    if (button?.form) take(button.form, button.dataset.article, button.dataset.question, button.dataset.answer);
  });

  document.addEventListener("suggest:chosen", (event) => {
    const box = event.target.closest("[data-field=article] [data-suggest]");
    const { value, label, item } = event.detail;
    if (box && item?.answer) take(box.closest("form"), value, label, item.answer);
  });
})();
