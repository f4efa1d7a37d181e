/* What a person sends goes into a box on this device first, and out of it when the server has it: a lost network loses nothing.
   Each entry says whose it is; the server drops what comes twice. Pages work without this file, by ordinary forms. */
(() => {
  "use strict";
  const bar = document.querySelector("[data-academy-outbox]");
  if (!bar) return;
  const person = bar.dataset.academyOutbox;
  const BOX = "academy-outbox", NOTES = "academy-outbox-notes", PATIENCE = 20000, AWAY = 10000;

  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)) || []; } catch { return []; } };
  const write = (key, rows) => { try { localStorage.setItem(key, JSON.stringify(rows)); return true; } catch { return false; } };
  const mine = () => read(BOX).filter((entry) => entry.person === person);
  const find = (key) => mine().find((entry) => entry.key === key);
  const without = (test) => read(BOX).filter((entry) => !(entry.person === person && test(entry)));
  const drop = (test) => { write(BOX, without(test)); show(); };
  /* what left with a page that is gone: the server says that it came in a cookie; until then, or some seconds later, it is not sent again */
  const away = (entry) => entry.left && Date.now() - entry.left < AWAY;
  const heard = () => {
    const id = document.cookie.match(/(?:^|; )academy-heard=([a-z0-9]+)/)?.[1];
    if (id && mine().some((entry) => entry.id === id)) drop((entry) => entry.id === id);
  };
  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";

  const parts = Object.fromEntries([...bar.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  let signIn = false;
  const linked = (address) => Object.assign(document.createElement("a"), { href: address, textContent: parts.refused.dataset.see });
  const door = parts.signin.querySelector("a");
  door.search = `?next=${encodeURIComponent(location.pathname + location.search)}`; /* back to what is being written */
  const show = () => {
    const waiting = mine().filter((entry) => !away(entry)).length, notes = read(NOTES).filter((note) => note.person === person);
    parts.offline.hidden = navigator.onLine;
    parts.waiting.hidden = !waiting || signIn;
    parts.count.textContent = waiting;
    parts.signin.hidden = !waiting || !signIn;
    parts.send.hidden = !navigator.onLine;
    parts.notes.replaceChildren(...notes.map((note) => {
      const line = Object.assign(document.createElement("li"), { textContent: note.words });
      if (note.address) line.append(" ", linked(note.address));
      if (note.typed) line.append(Object.assign(document.createElement("pre"), { textContent: note.typed }));
      const seen = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: parts.refused.dataset.seen });
      seen.dataset.kind = "quiet";
      seen.setAttribute("aria-label", `${parts.refused.dataset.seen}: ${note.words}`);
      seen.addEventListener("click", () => { write(NOTES, read(NOTES).filter((other) => other.person !== person || other.id !== note.id)); show(); });
      line.append(" ", seen);
      return line;
    }));
    parts.refused.hidden = !notes.length;
    bar.hidden = !waiting && !notes.length && navigator.onLine;
    dispatchEvent(new Event("academy:box"));
  };
  const mark = () => Math.random().toString(36).slice(2);
  /* what was refused stays on the screen until somebody has seen it; of one address, the last */
  const note = (words, typed = "", address = "") => {
    const others = read(NOTES).filter((other) => !address || other.person !== person || other.address !== address);
    write(NOTES, [...others, { person, words, typed, address, id: mark() }]);
    show();
  };

  /* puts what waits under one name in place of what waited there before; false where this device keeps nothing */
  const put = (entry) => {
    const kept = write(BOX, [...without((other) => other.key === entry.key), { ...entry, person, at: Date.now(), id: mark() }]);
    show();
    return kept;
  };

  const send = (entry, last) => {
    const body = new URLSearchParams(entry.fields);
    body.set("csrfmiddlewaretoken", token());
    if (entry.at) body.set("age", Math.round((Date.now() - entry.at) / 1000));
    if (last && entry.left) body.set("leaving", entry.id);
    const how = { method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" }, keepalive: Boolean(last) };
    if (!last && AbortSignal.timeout) how.signal = AbortSignal.timeout(PATIENCE);
    return fetch(entry.address, how);
  };

  /* sent: the server has it; refused: it never will, and says why; kept: later; signin: later, by who signs in */
  const verdict = async (answer) => {
    if ([401, 403].includes(answer.status) || (answer.redirected && new URL(answer.url).pathname.startsWith("/accounts/"))) return { state: "signin" };
    if (answer.status >= 500 || answer.status === 429) return { state: "kept" };
    const said = await answer.json().catch(() => ({}));
    if (said.repeated || (answer.ok && !said.error)) return { state: "sent", said };
    return { state: "refused", words: typeof said.error === "string" ? said.error : parts.refused.dataset.gone, said };
  };

  const stay = (entry) => { if (entry.left) write(BOX, read(BOX).map((other) => other.id === entry.id ? { ...other, left: 0 } : other)); };

  const underway = new Set();
  const deliver = async (entry, last) => {
    if (underway.has(entry.id)) return { state: "kept" };
    underway.add(entry.id);
    let found = { state: "kept" };
    try { found = await verdict(await send(entry, last)); } catch { stay(entry); /* no network: it stays in the box */ }
    underway.delete(entry.id);
    signIn = found.state === "signin";
    if (["sent", "refused"].includes(found.state)) drop((other) => other.id === entry.id);
    if (found.state === "signin") found.more = [parts.signin.dataset.away, door.cloneNode(true)];
    if (found.said?.code === "handed_in" && found.state === "refused") { /* the page it was written in may be gone, or shows what was handed in */
      const attempt = entry.address.replace(/[^/]*$/, "");
      found.more = [found.words, linked(attempt)];
      note(`${entry.label} — ${found.words}`, found.said.typed, attempt);
    }
    if (found.state === "sent") dispatchEvent(new CustomEvent("academy:sent", { detail: { key: entry.key, said: found.said } }));
    show();
    return found;
  };

  /* one after the other, in the order in which they came; one tab at a time */
  const all = async () => {
    for (const entry of mine().filter((entry) => !away(entry))) {
      const found = await deliver(entry);
      dispatchEvent(new CustomEvent("academy:later", { detail: { entry, found } }));
      if (found.state === "refused" && !found.more && !entry.key.startsWith("progress:")) { /* where somebody was in a text is no loss to tell */
        /* what was typed stays readable: somebody may want to copy it */
        const typed = entry.fields.map(([, value]) => String(value)).filter((value) => value.includes(" ")).join("\n\n");
        note(`${entry.label} — ${found.words}`, typed);
      } else if (!["sent", "refused"].includes(found.state)) return;
    }
  };
  let again;
  const flush = () => {
    heard();
    if (!navigator.onLine || !mine().length) return;
    if (mine().some(away)) { clearTimeout(again); again = setTimeout(flush, AWAY / 4); }
    if (navigator.locks) navigator.locks.request(BOX, { ifAvailable: true }, (lock) => lock && all());
    else all();
  };

  /* keeps, and tries at once; where nothing can be kept it is only tried */
  const post = (entry) => { put(entry); return deliver(find(entry.key) || { ...entry, person, id: entry.key }); };
  /* the page goes away: nobody may be there for the answer, then the next page asks again; a page that is only hidden hears it */
  const leave = (entry) => {
    put(navigator.onLine && entry.key.startsWith("progress:") ? { ...entry, left: Date.now() } : entry);
    deliver(find(entry.key) || { ...entry, person, id: entry.key }, true);
  };

  /* tries without keeping: what needs an answer before it may wait */
  const ask = (entry) => deliver({ ...entry, person, id: entry.key });

  /* what waits under names that begin so: mine, and how much of others who used this device */
  const waiting = (start) => mine().filter((entry) => entry.key.startsWith(start));
  const foreign = (start) => read(BOX).filter((entry) => entry.person !== person && entry.key.startsWith(start)).length;

  window.academyOutbox = { person, put, post, ask, leave, find, waiting, foreign, note, drop: (key) => drop((entry) => entry.key === key), flush };

  parts.send.addEventListener("click", flush);
  addEventListener("online", () => { show(); flush(); });
  addEventListener("offline", show);
  addEventListener("storage", show);
  setInterval(() => { if (!document.hidden) flush(); }, 30000);
  show();
  flush();

  /* what somebody else kept on this device is not for this person; the list of a desk goes when its session is over */
  const over = (name) => Number(name.match(/:desk-(\d+)-/)?.[1] || Infinity) * 1000 < Date.now();
  if (window.caches) caches.keys().then((names) => names.filter((name) => name.startsWith("module:") && (!name.startsWith(`module:${person}:`) || over(name))).forEach((name) => caches.delete(name)));
})();
