/* The phone is in the customer's hands: whatever page is opened, it leads back to what is to be read and signed. */
(() => {
  try {
    const locked = sessionStorage.getItem("field-lock");
    if (!locked || locked === location.pathname + location.search) { sessionStorage.removeItem("field-lock-tries"); return; }
    const tries = Number(sessionStorage.getItem("field-lock-tries") ?? 0);
    sessionStorage.setItem("field-lock-tries", tries + 1);
    if (tries < 2) location.replace(locked);
    else sessionStorage.removeItem("field-lock"); // that page is not there any more
  } catch { /* private mode */ }
})();

/* What was tapped without network, whole and in order: fields, pictures as blobs, the instant of the tap.
   An item belongs to whoever tapped; nobody else's session sends it. */
const fieldQueue = (() => {
  const database = idb.openDB("steward-field", 1, {
    upgrade(db) {
      const items = db.createObjectStore("items", { keyPath: "seq", autoIncrement: true });
      items.createIndex("owner", "owner");
    },
  });

  return {
    async add(item) { return (await database).add("items", item); },
    async put(item) { return (await database).put("items", item); },
    async remove(item) { return (await database).delete("items", item.seq); },
    async of(owner) { return (await database).getAllFromIndex("items", "owner", owner); },
    async ofOthers(owner) {
      const db = await database;
      return (await db.count("items")) - (await db.countFromIndex("items", "owner", owner));
    },
    /* randomUUID wants https; a phone on the office's plain network must work as well */
    uuid() {
      if (crypto.randomUUID) return crypto.randomUUID();
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
    },
  };
})();
