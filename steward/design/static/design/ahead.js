/* Keys pressed before there is anything to press them in are kept, and pressed once it stands there: while a page is
   being read, while a key leads to the next page, while a dialog or the answer to Enter is on its way. They would
   otherwise be lost, or go to what stands there still: a PIN into the text of a case, a "1" to the wrong button.
   Loaded at once, not after the page. Esc gives up what is on its way. */
const keysAhead = (() => {
  const STOPS = /^(Tab|Backspace|Delete|Home|End|Page|Arrow)/; // what these do is the browser's affair: nothing after them counts
  const OTHERS = /^(Shift|Control|Alt|Meta|CapsLock|AltGraph|F\d+|Process|Dead|Unidentified)/;
  const KEPT = "keys-ahead";
  const FRESH = 5000; // ms: the way to the next page
  const PATIENCE = 8000; // ms: what takes longer is not waited for any more
  const reading = { keys: carried(), ended: false, xhr: null };
  let way = reading; // null: nothing is awaited
  let newest = null; // question for a dialog

  function carried() {
    try {
      const { keys, at } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
      sessionStorage.removeItem(KEPT);
      return Date.now() - at < FRESH ? keys : [];
    } catch { return []; /* private mode */ }
  }

  function hold(more = {}) {
    const mine = { keys: way === reading ? reading.keys : [], ended: false, xhr: null, ...more };
    way = mine;
    setTimeout(() => release(mine, false), PATIENCE);
    return mine;
  }
  function release(mine, useful = true) {
    if (way !== mine) return;
    way = null;
    if (!useful) return;
    while (mine.keys.length && !way) press(mine.keys.shift());
    way?.keys.push(...mine.keys); // one of them has something to wait for
  }

  function press(key) {
    const at = document.activeElement ?? document.body;
    if (!at.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }))) return;
    const isButton = at.matches("button, a[href], summary");
    if (key.key === "Enter" && isButton) at.click();
    else if (key.key === "Enter" && at.matches("input") && at.form) at.form.requestSubmit([...at.form.elements].find((each) => each.type === "submit" && !each.disabled));
    else if (key.key === "Enter" && at.matches("textarea")) document.execCommand("insertText", false, "\n");
    else if (key.key === " " && (isButton || at.matches("[type=radio], [type=checkbox]"))) at.click();
    else if (key.key.length === 1 && at.matches("input, textarea")) document.execCommand("insertText", false, key.key);
  }

  addEventListener("keydown", (event) => {
    if (!way || !event.isTrusted || !event.key || event.isComposing || event.keyCode === 229 || OTHERS.test(event.key)) return;
    if ((event.ctrlKey || event.metaKey || event.altKey) && event.key !== "Enter") return;
    if (event.key === "Escape" && way.element?.matches("form")) return; // what was sent is sent: only the dialog closes
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.key === "Escape") { give(); return; }
    way.ended ||= STOPS.test(event.key);
    if (!way.ended && !event.repeat) way.keys.push({ key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey });
  }, true);

  function give() {
    const { element } = way;
    way = newest = null; // the answer finds nobody waiting
    if (element) htmx.trigger(element, "htmx:abort");
  }

  /* ---- the page itself ---- */
  addEventListener("DOMContentLoaded", () => setTimeout(() => release(reading))); // all others have begun by then
  addEventListener("pageshow", (event) => { if (event.persisted) way = null; });

  /* ---- on to the next page: the keys are meant for that one, never for this ---- */
  const leave = () => { hold({ leaves: true }); };
  addEventListener("pointerdown", () => { if (way?.leaves) way = null; }, true); // still here: the link was a file
  addEventListener("pagehide", () => {
    if (!way?.leaves || !way.keys.length) return;
    try { sessionStorage.setItem(KEPT, JSON.stringify({ keys: way.keys, at: Date.now() })); } catch { /* private mode */ }
  });

  /* ---- dialogs ---- */
  const isDialogs = ({ target, elt }) => target.matches?.(".dialog-body") || elt.matches?.("dialog form");

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (!isDialogs(detail)) return;
    newest = detail.xhr;
    hold({ xhr: newest, element: detail.elt });
  });
  /* of two that were asked for, the one asked for last; of one given up, nothing */
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.matches?.(".dialog-body") && newest !== detail.xhr) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!way || way.xhr !== detail.xhr) return;
    const leaves = ["HX-Redirect", "HX-Refresh"].some((name) => detail.xhr.getResponseHeader(name));
    const isForm = detail.elt.matches?.("form"); // refused: nobody meant what was typed after its Enter for what stands there now
    if (!leaves) release(way, !isForm && Boolean(document.querySelector("dialog[open]")));
  });

  return { hold, release, leave };
})();
