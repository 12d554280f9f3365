/* Who dialled whom is on record. Without network the call matters more than the line: it is kept here with the instant
   of the tap and told as soon as there is network again. */
(() => {
  const KEY = "field-dialled";
  const { owner } = document.getElementById("field").dataset;
  const read = () => { try { return JSON.parse(localStorage.getItem(KEY) ?? "[]"); } catch { return []; } };
  const write = (items) => { try { localStorage.setItem(KEY, JSON.stringify(items)); } catch { /* private mode */ } };

  async function tell(item) {
    const body = new URLSearchParams({ client_uuid: item.id, tapped_at: item.tapped, sent_at: new Date().toISOString() });
    try {
      const answer = await fetch(item.url, { method: "POST", body, headers: { "X-CSRFToken": field.token() }, keepalive: true });
      return answer.status === 204 || [404, 409, 422].includes(answer.status); // on record, or out of our sight by now
    } catch { return false; }
  }

  async function drain() {
    for (const item of read().filter((one) => one.owner === owner)) {
      if (await tell(item)) write(read().filter((one) => one.id !== item.id));
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialled]");
    if (!link) return;
    write([...read(), { owner, url: link.dataset.dialled, id: fieldQueue.uuid(), tapped: new Date().toISOString() }]);
    drain();
  });
  addEventListener("online", drain);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) drain(); });
  drain();
})();
