/* data-copy="text" or data-copy-from="#id": copies for a chat and says so on the button itself. */
(() => {
  async function write(text) {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); // WeChat's browser and plain http have no clipboard API
    area.value = text;
    area.className = "vh";
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("copy refused");
  }

  function say(button) {
    if (button.dataset.busy) return;
    const word = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    const icon = button.querySelector(".i");
    if (!word) return;
    const [text, cls] = [word.textContent, icon?.className];
    button.dataset.busy = "1";
    word.textContent = button.dataset.copied ?? text;
    if (icon) icon.className = "i i-check";
    setTimeout(() => {
      word.textContent = text;
      if (icon) icon.className = cls;
      delete button.dataset.busy;
    }, 2000);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (!button) return;
    event.preventDefault();
    const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
    const text = source ? source.value ?? source.textContent : button.dataset.copy;
    try {
      await write(text);
      say(button);
    } catch {
      source?.select?.(); // the person can still copy by hand
    }
  });
})();
