/* The desk on a phone: badges read by the camera, names found while one types, counts that follow, and all of it without a network too.
   An arrival goes into the box of this device (outbox.js) with a number of its own, and is sent until the server has it. */
(() => {
  "use strict";
  const desk = document.querySelector("[data-academy-desk]"), outbox = window.academyOutbox;
  if (!desk || !outbox) return;
  const { academyDesk: session, address, state, reader, until, title } = desk.dataset;
  const EVERY = 20000, AGAIN = 4000, LOOK = 150, start = `desk:${session}:`, kept = `desk-${until}-${session}`;
  const part = (name) => desk.querySelector(`[data-part="${name}"]`);
  const told = part("told"), words = told.dataset, typed = desk.querySelector("[name=code]");
  const people = () => [...desk.querySelectorAll("[data-academy-person]")];
  const listed = () => people().filter((row) => row.matches("li"));
  /* a name as one looks for it: no case, accents or signs; all that is typed is in it, in any order (cohorts/arrivals.py does the same) */
  const LETTERS = { œ: "oe", æ: "ae", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ß: "ss" };
  const plain = (text) => text.toLowerCase().replace(/[œæøłđðþıß]/g, (one) => LETTERS[one]).normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const isNamed = (name, asked) => asked.split(" ").every((word) => name.includes(word));
  let about = ""; /* what waits, and was told to wait: once it does no more, that is no longer said */
  const say = (text, kind, key = "") => { told.textContent = text; told.dataset.kind = kind; told.hidden = false; about = key; };

  /* what a badge or somebody's fingers say: an address, a code, its first eight signs */
  const codeIn = (text) => text.trim().replace(/\/+$/, "").split("/").pop().toLowerCase();
  const isWhole = (code) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(code);
  const find = (text) => {
    const code = codeIn(text);
    return code.length < 8 ? undefined : listed().find((row) => row.dataset.academyPerson.startsWith(code));
  };

  /* what this device knows and the server does not, drawn over the list of the server */
  const draw = () => {
    const waiting = new Map(outbox.waiting(start).map((entry) => [entry.key.slice(start.length), entry]));
    let more = 0, less = 0; /* here, and no more absent, once this device has sent what waits */
    if (about && !outbox.find(about)) { told.hidden = true; about = ""; }
    for (const row of people()) {
      const entry = waiting.get(row.dataset.academyPerson), there = row.querySelector("[data-part=pending]");
      row.querySelector(".desk-acts:not([data-part])").hidden = Boolean(entry);
      if (entry && row.matches("li") && row.dataset.state !== "attended") { more += 1; less += row.dataset.state === "no_show"; }
      if (there && !entry) there.remove();
      if (entry && !there) {
        const pending = part("pending-words").content.firstElementChild.cloneNode(true);
        pending.querySelector("small").textContent = new Date(entry.at).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
        row.append(pending);
      }
    }
    const here = Number(desk.dataset.here) + more, absent = Number(desk.dataset.absent) - less;
    part("expected").textContent = desk.dataset.expected;
    part("here").textContent = here;
    part("absent").textContent = absent;
    part("absence").hidden = !absent;
    part("missing").textContent = Number(desk.dataset.expected) - here - absent;
    const others = outbox.foreign(start);
    part("others").hidden = !others;
    part("others-count").textContent = others;
    const wanted = plain(typed.value), code = find(typed.value)?.dataset.academyPerson;
    for (const row of listed()) row.hidden = Boolean(wanted) && row.dataset.academyPerson !== code && !isNamed(plain(row.dataset.name), wanted);
  };

  /* the list as the server has it now; not while somebody is writing in it */
  const refresh = async () => {
    const busy = part("list").querySelector("details[open]") || document.activeElement?.closest?.("#found input, [data-part=list] input");
    if (busy || !navigator.onLine) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (!answer.ok || new URL(answer.url).pathname !== location.pathname) return;
      const copy = answer.clone(), fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const focused = document.activeElement?.closest?.("[data-academy-person]")?.dataset.academyPerson;
      for (const name of ["list", "found"]) part(name).replaceChildren(...fresh.querySelector(`[data-part="${name}"]`).childNodes);
      for (const name of ["mark", "here", "absent", "expected"]) desk.dataset[name] = fresh.querySelector("[data-academy-desk]").dataset[name];
      draw();
      if (focused) people().find((row) => row.dataset.academyPerson === focused)?.focus();
      if (until && window.caches && !location.search && (await caches.has(academyKept.nameOf(kept)))) await (await caches.open(academyKept.nameOf(kept))).put(location.pathname, copy);
    } catch { /* no network: the list stays as it is */ }
  };
  const count = async () => {
    if (document.hidden || !navigator.onLine) return;
    try {
      const answer = await fetch(state, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      const now = await answer.json();
      Object.assign(desk.dataset, { here: now.here, absent: now.absent, expected: now.expected });
      draw();
      if (now.mark !== desk.dataset.mark) await refresh();
    } catch { /* later */ }
  };

  /* somebody is here: kept, shown and sent at once; refused words stay in the bar of what waits */
  const number = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const arrive = async (code, name, method, doubt = "") => {
    const key = start + code, kept = () => say(`${name} · ${words.waits} ${doubt}`.trim(), doubt ? "bad" : "warn", key);
    if (outbox.find(key)) { kept(); return; }
    const sending = outbox.post({ key, address, label: name, fields: [["registration", code], ["method", method], ["client_id", number()]] });
    if (outbox.find(key)) kept();
    const found = await sending;
    if (found.state === "sent") say(`${name} · ${words.here}`, "good");
    else if (found.state === "refused") { say(`${name} · ${found.words}`, "bad"); outbox.note(`${name} · ${found.words}`); refresh(); }
    else if (found.state === "signin") say(`${name} · ${words.signin}`, "bad");
    else if (!outbox.find(key)) say(`${name} · ${words.lost}`, "bad");
  };

  /* every way of reading a code ends here: camera, fingers, a link */
  const read = (text, method) => {
    const row = find(text), code = row?.dataset.academyPerson || codeIn(text);
    if (row?.dataset.state === "attended") say(`${row.dataset.name} · ${words.already}`, "warn");
    else if (row) arrive(code, row.dataset.name, method, row.dataset.state === "confirmed" ? words.unchecked : "");
    else if (isWhole(code)) arrive(code, `${words.unknown} ${code.slice(0, 8)}`, method); /* the server may know it */
    else { say(words.nobody, "bad"); return false; }
    return true;
  };
  window.academyDesk = { find: (text) => find(text)?.dataset.academyPerson, read };

  desk.addEventListener("submit", (event) => {
    const form = event.target, row = form.closest("[data-academy-person]");
    if (form.matches("[data-academy-arrive]")) {
      event.preventDefault();
      event.stopPropagation(); /* site.js would call the form sent */
      row.focus();
      arrive(row.dataset.academyPerson, row.dataset.name, form.elements.method.value);
    } else if (form.contains(typed)) {
      const known = find(typed.value) || isWhole(codeIn(typed.value));
      if (known || !navigator.onLine) event.preventDefault();
      if (known && read(typed.value, "desk")) { typed.value = ""; draw(); }
      else if (!navigator.onLine && !listed().some((other) => !other.hidden)) say(words.nobody, "bad");
    }
  });
  /* what a form asks of the server alone waits for the network, and does not leave this page for it */
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || navigator.onLine || event.target.matches("[data-academy-arrive]")) return;
    event.preventDefault();
    event.stopPropagation();
    say(words.offline, "bad");
    told.scrollIntoView({ block: "nearest" });
  }, true);
  desk.addEventListener("click", (event) => {
    const button = event.target.closest("[data-academy-undo]");
    if (!button) return;
    const row = button.closest("[data-academy-person]");
    outbox.drop(start + row.dataset.academyPerson);
    say(`${row.dataset.name} · ${words.undone}`, "neutral");
    row.focus();
  });
  typed.addEventListener("input", draw);

  /* the camera; where the browser reads no codes itself, a small library does (static/vendor/qr/README.md) */
  const scan = part("scan"), video = part("video"), camera = part("camera");
  const reads = async () => Boolean(window.BarcodeDetector) && (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
  const detector = async () => new ((await reads()) ? BarcodeDetector : (await import(new URL(reader, location.href).href)).BarcodeDetector)({ formats: ["qr_code"] });
  let stream = null, last = { text: "", at: 0 };
  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
    camera.hidden = true;
    scan.hidden = false;
  };
  const look = async (eyes, mine) => {
    while (stream === mine) {
      const [seen] = video.readyState >= 2 ? await eyes.detect(video).catch(() => []) : [];
      const text = seen?.rawValue, now = Date.now();
      if (stream === mine && text && (text !== last.text || now - last.at > AGAIN)) { navigator.vibrate?.(80); read(text, "qr"); }
      if (text) last = { text, at: now };
      await new Promise((done) => setTimeout(done, LOOK));
    }
  };
  scan.addEventListener("click", async () => {
    scan.disabled = true;
    try {
      const eyes = await detector();
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment" } });
      video.srcObject = stream;
      camera.hidden = false;
      scan.hidden = true;
      await video.play();
      part("stop").focus();
      look(eyes, stream);
    } catch {
      stop();
      say(words.blind, "bad");
    } finally { scan.disabled = false; }
  });
  part("stop").addEventListener("click", () => { stop(); scan.focus(); });
  addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", () => { if (document.hidden) { if (stream) stop(); } else count(); });
  scan.hidden = !navigator.mediaDevices?.getUserMedia;

  /* the page itself, with all that it needs, for when the network is gone; signing out or the end of the session takes it away */
  const keep = async () => {
    if (!until || !outbox.person || !window.academyKept) return;
    try {
      await navigator.serviceWorker.register("/sw.js");
      const library = new URL(reader, location.href), more = (await reads()) ? [] : [library.href, new URL("index.js", library).href];
      await academyKept.gather(kept, title, [location.pathname], { more });
      part("kept").hidden = false;
    } catch { part("kept").hidden = !(await caches.has(academyKept.nameOf(kept))); }
  };

  addEventListener("academy:box", draw);
  addEventListener("academy:sent", ({ detail }) => { if (detail.key.startsWith(start)) refresh(); });
  addEventListener("academy:later", ({ detail }) => { if (detail.entry.key.startsWith(start) && detail.found.state === "refused") refresh(); });
  addEventListener("online", count);
  setInterval(count, EVERY);
  const asked = new URLSearchParams(location.search).get("code");
  if (asked && !desk.querySelector("#found")) typed.value = asked; /* the copy on this device does not know what was asked */
  draw();
  keep();
})();
