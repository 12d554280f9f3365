/* Choose, preview, remove; each picture is made smaller on the phone before it travels (at most 1600 px). */
(() => {
  const EDGE = 1600;
  const kept = new WeakMap(); // input -> files chosen so far

  async function shrink(file) {
    if (!file.type.startsWith("image/") || file.type === "image/gif") return file;
    let picture;
    try { picture = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { return file; }
    const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < 600_000) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
  }

  const input = (box) => box.querySelector("input[type=file]");

  function store(box, files) {
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input(box).files = transfer.files;
    kept.set(input(box), files);
    draw(box, files);
  }

  function draw(box, files) {
    box.querySelectorAll("figure[data-chosen]").forEach((figure) => { URL.revokeObjectURL(figure.querySelector("img").src); figure.remove(); });
    files.forEach((file, at) => {
      const figure = document.createElement("figure");
      figure.dataset.chosen = at;
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "remove";
      remove.setAttribute("aria-label", `${box.dataset.remove} ${at + 1}`);
      const cross = document.createElement("i");
      cross.className = "i i-x";
      cross.setAttribute("aria-hidden", "true");
      remove.append(cross);
      figure.append(image, remove);
      box.append(figure);
    });
  }

  document.addEventListener("change", async (event) => {
    const box = event.target.matches("input[type=file]") && event.target.closest("[data-photos]");
    if (!box) return;
    const before = kept.get(event.target) ?? [];
    const added = [...event.target.files];
    box.setAttribute("aria-busy", "true");
    const small = [];
    for (const file of added) small.push(await shrink(file)); // one by one: phones have little memory
    box.removeAttribute("aria-busy");
    const most = Number(box.dataset.max || 6);
    if (before.length + small.length > most) {
      document.dispatchEvent(new CustomEvent("flash", { detail: { level: "warning", text: box.dataset.tooMany } }));
    }
    store(box, [...before, ...small].slice(0, most));
    box.dispatchEvent(new CustomEvent("photos:changed", { bubbles: true }));
  });

  /* sent too early: the form waits for its pictures and then sends itself */
  const waiting = (event) => {
    const form = event.target.closest?.("form");
    const busy = form?.querySelector("[data-photos][aria-busy]");
    if (!busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    busy.addEventListener("photos:changed", () => form.requestSubmit(button), { once: true });
  };
  document.addEventListener("submit", waiting, true);

  document.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-photos] .remove");
    if (!remove) return;
    const box = remove.closest("[data-photos]");
    const at = Number(remove.closest("figure").dataset.chosen);
    store(box, (kept.get(input(box)) ?? []).filter((_, index) => index !== at));
    box.dispatchEvent(new CustomEvent("photos:changed", { bubbles: true }));
  });
})();
