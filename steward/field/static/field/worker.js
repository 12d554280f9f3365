/* Keeps the shell, the lists and the jobs of the field face for a time without network. Pages come from the
   network first; what was typed is not kept here but in the page's own queue (queue.js). */
const SHELL = "field-shell-1";
const PAGES = "field-pages-1";
const PICTURES = "field-pictures-1";
const MOST_PICTURES = 120;
const PATIENCE = 6000; // ms: a weak signal is no signal when the page lies here already
const OFFLINE = "/field/offline/";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil((async () => {
  const ours = [SHELL, PAGES, PICTURES];
  const old = (await caches.keys()).filter((name) => name.startsWith("field-") && !ours.includes(name));
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
})()));

addEventListener("message", (event) => {
  const { type, shell = [], pages = [] } = event.data;
  if (type === "forget") event.waitUntil(Promise.all([caches.delete(PAGES), caches.delete(PICTURES)]));
  if (type === "keep") event.waitUntil(keep(shell, pages, event.ports[0]));
});

/* What a page needs comes before it: a page is told as kept, and not asked for again, once all of it lies here. */
async function keep(shell, pages, port) {
  const whole = await Promise.allSettled(shell.map(keepAsset));
  const isWhole = whole.every(({ status }) => status === "fulfilled");
  await Promise.allSettled(pages.map(async (url) => { if (await keepPage(url) && isWhole) port?.postMessage(url); }));
}

async function keepAsset(url) {
  const cache = await caches.open(SHELL);
  if (await cache.match(url)) return;
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) return;
  await cache.put(url, answer.clone());
  if (!url.endsWith(".css")) return;
  for (const [, inner] of (await answer.text()).matchAll(/url\(["']?([^"')]+)["']?\)/g)) {
    if (!inner.startsWith("data:")) await keepAsset(new URL(inner, url).href).catch(() => {});
  }
}

/* A page is kept under its path: its steps and tabs are turned by the page's own script. */
async function keepPage(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  await remember(url, answer);
  if (!answer.ok || answer.redirected) return false;
  for (const [, picture] of (await answer.clone().text()).matchAll(/src="(\/files\/[^"]+)"/g)) {
    await pictureOf(new Request(picture)).catch(() => {});
  }
  return true;
}

async function remember(url, answer) {
  const isPage = answer.ok && !answer.redirected && (answer.headers.get("Content-Type") ?? "").includes("text/html");
  if (isPage) await (await caches.open(PAGES)).put(new URL(url, location.origin).pathname, answer.clone());
}

async function stored(url) {
  const cache = await caches.open(PAGES);
  return cache.match(new URL(url).pathname, { ignoreVary: true });
}

async function page(event) {
  const { request } = event;
  const known = await stored(request.url);
  const late = known ? new Promise((_, fail) => setTimeout(() => fail(new Error("slow")), PATIENCE)) : new Promise(() => {});
  const network = fetch(request).then(async (answer) => { await remember(request.url, answer); return answer; });
  event.waitUntil(network.catch(() => {}));
  try {
    return await Promise.race([network, late]);
  } catch {
    return known ?? (await stored(new URL(OFFLINE, location.origin).href)) ?? Response.error();
  }
}

async function asset(event) {
  const cache = await caches.open(SHELL);
  const known = await cache.match(event.request, { ignoreVary: true });
  const fresh = fetch(event.request).then(async (answer) => { if (answer.ok) await cache.put(event.request, answer.clone()); return answer; });
  if (!known) return fresh;
  event.waitUntil(fresh.catch(() => {}));
  return known;
}

async function pictureOf(request) {
  const cache = await caches.open(PICTURES);
  const known = await cache.match(request, { ignoreVary: true });
  if (known) return known;
  const answer = await fetch(request, { credentials: "same-origin" });
  if (answer.ok && !answer.redirected) {
    await cache.put(request, answer.clone());
    const keys = await cache.keys();
    await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PICTURES)).map((key) => cache.delete(key)));
  }
  return answer;
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname.startsWith("/field/")) event.respondWith(page(event));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(event));
  else if (url.pathname.startsWith("/files/")) event.respondWith(pictureOf(request));
});
