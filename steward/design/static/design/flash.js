/* Messages above the page. Good news leaves after six seconds, errors stay until closed.
   From anywhere: document.dispatchEvent(new CustomEvent("flash", {detail: {level, text}}));
   from the server in an htmx answer: HX-Trigger: {"flash": {"level": "success", "text": "…"}}. */
(() => {
  const LOOK = { success: ["ok", "circle-check"], error: ["late", "alert-circle"], warning: ["soon", "alert-triangle"] };
  const box = () => document.getElementById("flashes");

  const icon = (name) => {
    const drawing = document.createElement("i");
    drawing.className = `i i-${name}`;
    drawing.setAttribute("aria-hidden", "true");
    return drawing;
  };
  const fade = (flash) => { if (!["error", "warning"].includes(flash.dataset.flash)) setTimeout(() => flash.remove(), 6000); };

  function show(level, text) {
    const [tone, drawing] = LOOK[level] ?? ["wait", "info-circle"];
    const flash = document.createElement("div");
    flash.className = `flash ${tone}`;
    flash.dataset.flash = level;
    flash.setAttribute("role", tone === "late" ? "alert" : "status");
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.dataset.close = "";
    close.setAttribute("aria-label", box().dataset.closeLabel);
    close.append(icon("x"));
    flash.append(icon(drawing), words, close);
    box().append(flash);
    fade(flash);
  }

  box()?.querySelectorAll(".flash").forEach(fade);
  document.addEventListener("click", (event) => event.target.closest(".flash [data-close]")?.closest(".flash").remove());
  document.addEventListener("flash", (event) => show(event.detail.level, event.detail.text));
})();
