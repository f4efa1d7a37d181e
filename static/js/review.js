/* Keeps a review while it is written, and lets the keyboard choose. The page works without this file: the buttons save.
   A place is what is written as one: a criterion, a comment. Each says which marks this window knows, so that two windows never overwrite
   each other in silence (cohorts/actions/review_sheet.py). What cannot be sent waits in the box of static/js/outbox.js. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-review]"), outbox = window.academyOutbox;
  if (!form) return;
  const words = form.dataset, status = form.querySelector("[data-review-saved]");
  const address = location.pathname, key = `review:${address}`, label = document.querySelector("h1").textContent.trim();

  /* the same mark as the server makes of what is written: CRC-32 */
  const markOf = (values) => {
    let sum = -1;
    for (const byte of new TextEncoder().encode(values.join("|"))) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
    }
    return ((sum ^ -1) >>> 0).toString(16);
  };

  const write = (field, value) => {
    if (field instanceof RadioNodeList) field.forEach((radio) => { radio.checked = radio.value === value; });
    else field.value = value;
  };
  const places = new Map([...form.querySelectorAll("[data-place]")].map((box) => {
    const name = box.dataset.place, was = box.querySelector(`[name="${name}-was"]`);
    const inputs = name.startsWith("c") ? ["level", "confidence", "evidence"].map((part) => `${name}-${part}`) : [name];
    const one = {
      name, box, was,
      get values() { return inputs.map((input) => (form.elements[input].value || "").replace(/\r\n/g, "\n").trim()); },
      set values(given) { inputs.forEach((input, at) => write(form.elements[input], given[at] || "")); },
      get fields() { return [...inputs.map((input, at) => [input, one.values[at]]), [was.name, was.value]]; },
    };
    return [name, one];
  }));
  const answered = () => [...places.values()].filter((one) => one.name.startsWith("c") && one.values[0]);
  const criteria = [...form.querySelectorAll(".criterion")];

  const say = (text, bad) => { if (status.textContent !== text) status.textContent = text; status.dataset.state = bad ? "bad" : ""; };
  const count = () => {
    const done = new Set(answered().map((one) => one.name));
    const box = document.querySelector("[data-review-missing]");
    box.querySelector("[data-review-count]").textContent = words.reviewCounted.replace("#", done.size);
    box.querySelectorAll("[data-review-for]").forEach((line) => { line.hidden = done.has(line.dataset.reviewFor); });
    box.querySelector("[data-review-none]").hidden = done.size < criteria.length;
  };

  /* keeping */
  const dirty = new Set();
  let timer = 0, busy = false, leaving = false;
  /* what goes out may arrive although nobody hears of it: from then on this window knows that mark too */
  const goesOut = (names) => names.forEach((name) => { const one = places.get(name); one.was.value += ` ${markOf(one.values)}`; });
  const entryOf = (names) => ({ key, address, label, fields: [...names].flatMap((name) => places.get(name).fields) });
  const isKept = (name, values) => {
    const one = places.get(name);
    one.was.value = markOf(values);
    if (markOf(one.values) === one.was.value) dirty.delete(name);
  };
  const choose = (one, there) => {
    one.box.dataset.state = "wrong";
    one.box.querySelector("[data-review-elsewhere]")?.remove();
    const note = Object.assign(document.createElement("div"), { className: "field-errors" });
    note.dataset.reviewElsewhere = "";
    note.setAttribute("role", "alert");
    note.append(Object.assign(document.createElement("p"), { textContent: `${words.reviewThere} ${there.words}` }));
    const button = (text, act) => {
      const made = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: text });
      made.dataset.kind = "quiet";
      made.addEventListener("click", () => { one.was.value = there.mark; note.remove(); delete one.box.dataset.state; act(); count(); });
      return made;
    };
    const row = Object.assign(document.createElement("div"), { className: "actions" });
    row.append(button(words.reviewMine, () => { dirty.add(one.name); save(); }), button(words.reviewTheirs, () => { one.values = there.values; dirty.delete(one.name); }));
    note.append(row);
    one.box.append(note);
  };
  const save = async () => {
    clearTimeout(timer);
    const names = [...dirty].filter((name) => !places.get(name).box.querySelector("[data-review-elsewhere]"));
    if (busy || leaving || !names.length) return;
    busy = true;
    say(words.reviewSaving);
    const sent = new Map(names.map((name) => [name, places.get(name).values])), entry = entryOf(names);
    goesOut(names);
    const found = outbox ? await outbox.post(entry) : { state: "kept" };
    busy = false;
    const said = found.said || {}, there = said.elsewhere || {}, errors = said.errors || {};
    const wrong = Object.entries(errors).flatMap(([, lines]) => lines);
    if (found.state === "sent" || said.code === "elsewhere") {
      sent.forEach((values, name) => {
        if (there[name]) choose(places.get(name), there[name]);
        else if (!Object.keys(errors).some((field) => field === name || field.startsWith(`${name}-`))) isKept(name, values);
      });
      say([said.saved, said.error, ...wrong].filter(Boolean).join(" · "), Boolean(said.error || wrong.length));
      if (!wrong.length) soon();
    } else say(found.words || words.reviewUnsaved, true);
  };
  const soon = (wait = 1500) => { clearTimeout(timer); if (dirty.size) timer = setTimeout(save, wait); };
  const changed = (event) => {
    const box = event.target.closest("[data-place]");
    if (!box) return;
    const one = places.get(box.dataset.place);
    if (box.querySelector("[data-review-elsewhere]")) { dirty.add(one.name); return; } /* it waits for the choice */
    if (markOf(one.values) === one.was.value) dirty.delete(one.name);
    else {
      dirty.add(one.name);
      say(words.reviewSaving);
    }
    count();
    soon(event.type === "change" ? 300 : 1500);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  /* what was typed here and did not reach the server is put back into its place */
  const waiting = outbox?.find(key);
  if (waiting) {
    const given = new Map(waiting.fields);
    places.forEach((one) => {
      if (!given.has(one.was.name)) return;
      one.values = one.fields.slice(0, -1).map(([name]) => given.get(name));
      one.was.value = given.get(one.was.name);
      dirty.add(one.name);
      const notes = one.box.querySelector("details.notes");
      if (notes && one.values.slice(1).some(Boolean)) notes.open = true;
    });
    say(words.reviewUnsaved, true);
  }
  addEventListener("academy:sent", ({ detail }) => {
    if (detail.key !== key || busy) return;
    if (waiting) {
      const given = new Map(waiting.fields);
      places.forEach((one) => { if (given.has(one.was.name)) isKept(one.name, one.fields.slice(0, -1).map(([name]) => given.get(name))); });
    }
    dirty.forEach((name) => { const one = places.get(name), last = one.was.value.split(" ").pop(); if (markOf(one.values) === last) isKept(name, one.values); });
    if (detail.said?.saved) say(detail.said.saved);
    soon();
  });
  const leave = () => {
    if (!dirty.size || leaving || !outbox) return;
    outbox.leave(entryOf(dirty));
    goesOut([...dirty]);
  };
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  addEventListener("pageshow", () => { leaving = false; });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!navigator.onLine) { /* nothing goes now: what is typed is kept here, and the button waits */
      event.preventDefault();
      setTimeout(() => { delete form.dataset.academySent; });
      save();
      return;
    }
    outbox?.drop(key);
    leaving = true;
  });

  /* the keyboard, inside a criterion and never inside a text box */
  form.addEventListener("keydown", (event) => {
    const here = event.target.closest(".criterion");
    if (!here || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea, select, input:not([type=radio])")) return;
    const radios = [...here.querySelectorAll("input[type=radio]")];
    const level = radios.find((radio) => radio.value === (event.key === "n" ? "none" : event.key));
    const step = { j: 1, k: -1 }[event.key], there = step && criteria[criteria.indexOf(here) + step];
    if (level) level.click();
    else if (!there) return;
    event.preventDefault();
    const target = level || there.querySelector("input[type=radio]:checked") || there.querySelector("input[type=radio]");
    target.focus({ preventScroll: Boolean(there) });
    there?.scrollIntoView({ block: "start" });
  });

  /* on a phone one part is in sight at a time: coming back to it, one is where one was */
  const at = {};
  document.querySelectorAll(".review-switch a").forEach((link) => link.addEventListener("click", () => {
    at[location.hash.startsWith("#s-") || location.hash === "#dossier" ? "#dossier" : "#criteria"] = scrollY;
    const wanted = at[link.hash];
    if (wanted !== undefined) setTimeout(() => scrollTo(0, wanted));
  }));
  count();
})();
