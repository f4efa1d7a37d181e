/* Keeps a draft while it is written. The page works without this file: the button saves. */
(() => {
  "use strict";
  const form = document.querySelector("[data-academy-autosave]");
  if (!form || !window.fetch) return;
  const status = form.querySelector("[data-academy-saved]");
  const words = form.dataset;
  let timer = 0, dirty = false, busy = false, stopped = false, wait = 2500;

  const say = (text, bad) => {
    if (!status) return;
    status.textContent = text;
    status.dataset.state = bad ? "bad" : "";
  };

  const showMissing = (missing) => {
    const box = document.querySelector("[data-academy-missing]");
    if (!box || !missing) return;
    const count = form.querySelector("[data-academy-missing-count]");
    if (count) count.textContent = missing.length;
    let list = box.querySelector("ol");
    if (!list) { list = document.createElement("ol"); box.append(list); }
    list.replaceChildren(...missing.map((one) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = `#id_${one.field}`;
      link.textContent = one.words;
      item.append(link);
      return item;
    }));
    if (!missing.length) box.querySelector("h2").textContent = words.academyNone;
  };

  const save = async () => {
    if (busy || stopped || !dirty) return;
    busy = true; dirty = false;
    say(words.academySaving);
    let trouble = words.academyOffline;
    try {
      const response = await fetch(form.action || location.href, {
        method: "POST", body: new FormData(form), credentials: "same-origin", headers: { Accept: "application/json" },
      });
      if (response.redirected || response.status === 403 || response.status === 404) trouble = words.academyAway;
      const answer = await response.json();
      if (response.status === 409) { stopped = true; say(answer.error, true); return; }
      if (!response.ok) throw new Error(response.status);
      for (const [name, mark] of Object.entries(answer.marks || {})) if (form.elements[name]) form.elements[name].value = mark;
      if (answer.seen && form.elements.seen) form.elements.seen.value = answer.seen;
      const wrong = Object.values(answer.errors || {}).flat();
      say(wrong.length ? `${answer.saved}. ${wrong.join(" ")}` : answer.saved, wrong.length > 0);
      showMissing(answer.missing);
      wait = 2500;
    } catch (error) {
      dirty = true;
      wait = Math.min(wait * 2, 60000);
      say(trouble, true);
      timer = setTimeout(save, wait);
    } finally {
      busy = false;
      if (dirty && !stopped) { clearTimeout(timer); timer = setTimeout(save, wait); }
    }
  };

  form.addEventListener("input", () => { dirty = true; clearTimeout(timer); timer = setTimeout(save, wait); });
  form.addEventListener("change", () => { if (dirty) { clearTimeout(timer); timer = setTimeout(save, 400); } });
  form.addEventListener("submit", () => { stopped = true; clearTimeout(timer); });
  addEventListener("pageshow", () => { stopped = false; });
  addEventListener("online", () => { if (dirty) save(); });
  addEventListener("beforeunload", (event) => { if (dirty && !stopped) event.preventDefault(); });
})();
