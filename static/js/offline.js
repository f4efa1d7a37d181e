/* Keeps a module on this device, with what its pages need; lists what is kept. Serving it without a network is for sw.js. */
(() => {
  "use strict";
  const bar = document.querySelector("[data-academy-outbox]");
  const person = bar?.dataset.academyOutbox || "";
  const MODULES = "academy-modules";
  if (!("serviceWorker" in navigator) || !window.caches) return;

  const all = () => { try { return JSON.parse(localStorage.getItem(MODULES)) || []; } catch { return []; } };
  const others = (key) => all().filter((one) => one.person !== person || one.key !== key);
  const find = (key) => all().find((one) => one.person === person && one.key === key);
  const store = (rows) => localStorage.setItem(MODULES, JSON.stringify(rows));
  const nameOf = (key) => `module:${person}:${key}`;
  const language = document.documentElement.lang;
  const facts = (one) => `${new Date(one.at).toLocaleDateString(language, { dateStyle: "long" })} · ${new Intl.NumberFormat(language, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 }).format(one.bytes / 1000)}`;
  /* signing out, or the browser itself, may have taken a copy away */
  const isThere = async (key) => Boolean(find(key)) && (await caches.keys()).includes(nameOf(key));

  const partsOf = (box) => Object.fromEntries([...box.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  const away = async (key) => { await caches.delete(nameOf(key)); store(others(key)); };

  /* one address into the cache, under its path; what it needs is added to `wanted` */
  const take = async (cache, address, wanted) => {
    const answer = await fetch(address, { credentials: "same-origin", headers: wanted ? { Accept: "text/html" } : {} });
    if (!answer.ok || (wanted && new URL(answer.url).pathname.startsWith("/accounts/"))) throw new Error(address);
    const path = new URL(address, location.href), copy = answer.clone();
    await cache.put(wanted ? path.pathname : path.href, answer);
    if (wanted) {
      const page = new DOMParser().parseFromString(await copy.text(), "text/html");
      for (const part of page.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], img[src]")) {
        const needed = new URL(part.getAttribute("href") || part.getAttribute("src"), location.href);
        if (needed.origin === location.origin) wanted.add(needed.href);
      }
      return copy.headers.get("Content-Length") ? Number(copy.headers.get("Content-Length")) : page.documentElement.outerHTML.length;
    }
    return (await copy.blob()).size;
  };
  /* pages, what they need, and `more`, as one thing that is kept under a name */
  const gather = async (key, title, pages, { more = [], left = [], step = () => {} } = {}) => {
    const cache = await caches.open(nameOf(key)), wanted = new Set(more);
    let bytes = 0;
    for (const address of pages) { bytes += await take(cache, address, wanted); step(pages.length + wanted.size); }
    for (const address of wanted) { bytes += await take(cache, address); step(pages.length + wanted.size); }
    store([...others(key), { person, key, title, href: pages[0], at: Date.now(), bytes, left }]);
  };
  window.academyKept = { gather, nameOf };

  const section = document.querySelector("[data-academy-module]");
  if (section && person) {
    const parts = partsOf(section), { academyModule: key, academyManifest: manifest } = section.dataset;
    const show = async (state) => {
      const there = await isThere(key);
      for (const [name, wanted] of Object.entries({ not: !there, kept: there, keep: !there, again: there, away: there, doing: state === "doing", failed: state === "failed" })) parts[name].hidden = !wanted;
      for (const name of ["keep", "again", "away"]) parts[name].disabled = state === "doing";
      const one = there ? find(key) : {};
      parts.facts.textContent = there ? facts(one) : "";
      parts.left.replaceChildren(...(one.left || []).map((left) => Object.assign(document.createElement("li"), { textContent: `${left.title}: ${left.why}` })));
    };

    const start = async (address) => {
      const body = new URLSearchParams({ csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value });
      const answer = await fetch(address, { method: "POST", body, credentials: "same-origin" });
      if (!answer.ok) throw new Error(address);
      const { pathname, search } = new URL(answer.url);
      return pathname + search;
    };
    const keep = async () => {
      await show("doing");
      try {
        await navigator.serviceWorker.register("/sw.js");
        navigator.storage?.persist?.();
        const answer = await fetch(manifest, { credentials: "same-origin", headers: { Accept: "application/json" } });
        if (!answer.ok || answer.redirected) throw new Error(manifest);
        const parcel = await answer.json();
        for (const address of parcel.starts) parcel.pages.push(await start(address));
        let done = 0;
        const step = (all) => { parts.meter.max = all; parts.meter.value = done += 1; };
        await gather(key, parcel.title, parcel.pages, { left: parcel.left_out, step });
        await show();
      } catch {
        await show("failed");
      }
    };
    parts.keep.addEventListener("click", keep);
    parts.again.addEventListener("click", keep);
    parts.away.addEventListener("click", async () => { await away(key); await show(); parts.keep.focus(); });
    section.hidden = false;
    show();
  }

  const list = document.querySelector("[data-academy-kept]");
  if (list) {
    const parts = partsOf(list);
    const show = async () => {
      const there = [];
      for (const one of all()) if ((!person || one.person === person) && (await caches.keys()).includes(`module:${one.person}:${one.key}`)) there.push(one);
      parts.none.hidden = there.length > 0;
      parts.some.replaceChildren(...there.map((one) => {
        const line = document.createElement("li"), link = Object.assign(document.createElement("a"), { href: one.href, textContent: one.title });
        const small = Object.assign(document.createElement("span"), { className: "small", textContent: facts(one) });
        const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: parts.some.dataset.away });
        button.dataset.kind = "quiet";
        button.setAttribute("aria-label", `${parts.some.dataset.away}: ${one.title}`);
        button.addEventListener("click", async () => { await caches.delete(`module:${one.person}:${one.key}`); store(all().filter((other) => other.key !== one.key || other.person !== one.person)); show(); });
        line.append(link, " ", small, " ", button);
        return line;
      }));
    };
    list.hidden = false;
    show();
  }
})();
