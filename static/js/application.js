/* Keeps a draft while it is written: answer by answer, beside what others write. The page works without this file: the button saves. */
(() => {
  "use strict";
  const form = document.querySelector("[data-academy-autosave]");
  if (!form || !window.fetch) return;
  const status = form.querySelector("[data-academy-saved]");
  const told = form.querySelector("[data-academy-told]");
  const words = form.dataset, own = words.academyAutosave, KEY = `academy-draft:${own}`;
  const one = (name) => { const found = form.elements[name]; return found instanceof RadioNodeList ? found[0] : found; };
  const radios = (name) => [...form.querySelectorAll("[type=radio]")].filter((box) => box.name === name);
  const names = () => [...form.elements].filter((box) => box.name.startsWith("from_")).map((box) => box.name.slice(5));
  let timer = 0, dirty = false, busy = false, stopped = false, wait = 2500;

  const say = (text, bad) => {
    if (!status || status.textContent === text) return;
    status.textContent = text;
    status.dataset.state = bad ? "bad" : "";
  };

  const read = (name) => {
    const box = one(name), currency = one(`${name}_currency`);
    if (!box) return "";
    if (box.type === "checkbox") return String(box.checked);
    if (box.type === "radio") return radios(name).find((radio) => radio.checked)?.value || "";
    return currency ? `${box.value} ${currency.value}` : box.value;
  };
  const write = (name, value) => {
    const box = one(name), currency = one(`${name}_currency`);
    if (!box) return;
    if (box.type === "radio") radios(name).forEach((radio) => { radio.checked = radio.value === value; });
    else if (box.type === "checkbox") box.checked = value === true || value === "true";
    else if (currency) [box.value = "", currency.value = ""] = String(value).split(" ");
    else box.value = value;
    count(box);
  };

  /* words as the server counts them */
  const count = (box) => {
    const line = box.closest(".question")?.querySelector("[data-academy-words]");
    if (!line) return;
    const number = (box.value.match(/\S*[\p{L}\p{N}_]\S*/gu) || []).length;
    line.querySelector("b").textContent = number;
    line.dataset.state = number > Number(line.dataset.academyWords) ? "bad" : "";
  };

  /* what is not saved yet stays on this device, with the mark of what it started from: nothing is lost with the page */
  const keep = (changed) => {
    try {
      if (changed.length) localStorage.setItem(KEY, JSON.stringify(changed.map((name) => [name, read(name), one(`from_${name}`).value])));
      else localStorage.removeItem(KEY);
    } catch { /* this device keeps nothing: the page itself does */ }
  };
  const shown = new Map(names().map((name) => [name, read(name)]));
  const changed = () => names().filter((name) => read(name) !== shown.get(name));
  const restore = () => {
    let rows = [];
    try { rows = JSON.parse(localStorage.getItem(KEY)) || []; } catch { return; }
    rows = rows.filter(([name, value]) => one(`from_${name}`) && read(name) !== value);
    rows.forEach(([name, value, mark]) => { write(name, value); one(`from_${name}`).value = mark; });
    if (rows.length) { dirty = true; told.textContent = words.academyBack; save(); } else keep([]);
  };

  const showMissing = (missing) => {
    const box = document.querySelector("[data-academy-missing]");
    if (!box || !missing) return;
    const number = form.querySelector("[data-academy-missing-count]");
    if (number) number.textContent = missing.length;
    let list = box.querySelector("ol");
    if (!list) { list = document.createElement("ol"); box.append(list); }
    list.replaceChildren(...missing.map((row) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = `#id_${row.field}`;
      link.textContent = row.words;
      item.append(link);
      return item;
    }));
    if (!missing.length) box.querySelector("h2").textContent = words.academyNone;
  };

  const take = (answer, sent) => {
    for (const [name, mark] of Object.entries(answer.marks)) {
      const typedOn = read(name) !== sent.get(name), other = name in answer.others;
      if (other && typedOn) continue; /* written here meanwhile: the next save shows both */
      if (name in answer.errors) continue;
      if (other) write(name, answer.others[name]);
      one(`from_${name}`).value = mark;
      shown.set(name, other ? read(name) : sent.get(name));
      document.querySelector(`[data-academy-both="${name}"]`)?.remove();
    }
    for (const [name, html] of Object.entries(answer.both)) {
      const place = document.getElementById(`question-${name}`), there = place.querySelector("[data-academy-both]");
      const seen = there?.querySelector("[type=hidden]").value;
      const box = document.createElement("template");
      box.innerHTML = html;
      if (seen === box.content.querySelector("[type=hidden]").value) continue;
      if (there) there.replaceWith(box.content); else place.append(box.content);
    }
    for (const [name, html] of Object.entries(answer.files)) {
      const place = form.querySelector(`[data-academy-files="${name}"]`);
      if (place) place.innerHTML = html;
    }
    if (answer.told) told.textContent = answer.told;
  };

  const save = async (quiet) => {
    if (busy || stopped || !dirty) return;
    busy = true; dirty = false;
    if (!quiet) say(words.academySaving);
    const sent = new Map(names().map((name) => [name, read(name)])), body = new FormData(form);
    let trouble = words.academyOffline;
    const boxes = [...form.querySelectorAll("[type=file]")].filter((box) => box.value).map((box) => [box, box.value]);
    try {
      const response = await fetch(form.action || location.href, {
        method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" },
      });
      if (response.redirected || response.status === 403 || response.status === 404) trouble = words.academyAway;
      const answer = await response.json();
      if (response.status === 409) { stopped = true; say(answer.error, true); return; }
      if (!response.ok) throw new Error(response.status);
      boxes.forEach(([box, value]) => { if (box.value === value) box.value = ""; });
      take(answer, sent);
      keep(changed());
      const wrong = [...Object.values(answer.errors).flat(), ...(answer.wait ? [answer.wait] : [])];
      say(wrong.length ? `${answer.saved} – ${wrong.join(" ")}` : answer.saved, wrong.length > 0);
      showMissing(answer.missing);
      wait = 2500;
    } catch {
      dirty = true;
      keep(changed());
      wait = Math.min(wait * 2, 60000);
      say(trouble, true);
    } finally {
      busy = false;
      if (dirty && !stopped) { clearTimeout(timer); timer = setTimeout(() => save(), wait); }
    }
  };

  form.addEventListener("input", (event) => { count(event.target); event.target.closest(".question")?.querySelector("[data-academy-carried]")?.remove(); dirty = true; keep(changed()); clearTimeout(timer); timer = setTimeout(() => save(), wait); });
  form.addEventListener("change", () => { dirty = true; clearTimeout(timer); timer = setTimeout(() => save(), 400); });
  form.addEventListener("submit", (event) => { if (event.submitter?.formTarget) return; stopped = true; clearTimeout(timer); keep(changed()); });
  /* what others wrote is fetched when one comes back to the page, and now and then */
  const look = () => { if (!document.hidden && !busy && !stopped) { const quiet = !changed().length; dirty = true; save(quiet); } };
  document.addEventListener("visibilitychange", look);
  setInterval(look, 45000);
  addEventListener("pageshow", () => { stopped = false; });
  addEventListener("online", () => { if (dirty) save(); });
  addEventListener("beforeunload", (event) => { if (changed().length && !stopped) event.preventDefault(); });
  restore();
})();
