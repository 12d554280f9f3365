/* Signature pads over signature_pad (load vendor/signature_pad.umd.min.js first). The hidden input holds a
   PNG data URL, empty while nothing is drawn; [data-needs-signature] in the same form is off until then. */
(() => {
  function attach(box) {
    if (box.dataset.ready) return;
    box.dataset.ready = "1";
    const canvas = box.querySelector("canvas");
    const value = box.querySelector("input[type=hidden]");
    const pad = new SignaturePad(canvas, { minWidth: 1, maxWidth: 3, penColor: "#17212b" });

    const buttons = () => box.closest("form")?.querySelectorAll("[data-needs-signature]") ?? [];
    const tell = () => buttons().forEach((button) => { button.disabled = !value.value; });
    const size = () => {
      const strokes = pad.toData();
      const ratio = Math.max(devicePixelRatio || 1, 1);
      canvas.width = canvas.offsetWidth * ratio;
      canvas.height = canvas.offsetHeight * ratio;
      canvas.getContext("2d").scale(ratio, ratio);
      pad.clear();
      pad.fromData(strokes);
    };
    const keep = () => { value.value = pad.isEmpty() ? "" : pad.toDataURL("image/png"); tell(); };

    pad.addEventListener("endStroke", keep);
    box.querySelector("[data-signature-clear]")?.addEventListener("click", () => { pad.clear(); keep(); });
    new ResizeObserver(() => { if (canvas.offsetWidth && Math.abs(canvas.width / (devicePixelRatio || 1) - canvas.offsetWidth) > 1) size(); }).observe(canvas);
    if (canvas.offsetWidth) size();
    if (value.value.startsWith("data:image/png")) pad.fromDataURL(value.value);
    tell();
  }
  const all = (scope) => scope.querySelectorAll?.("[data-signature]").forEach(attach);
  all(document);
  document.addEventListener("htmx:load", (event) => all(event.target));
})();
