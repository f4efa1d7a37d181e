/* Keeps the place in a lesson, the answers of a quiz and the draft of an assignment while one works. The pages work without it. */
(() => {
  "use strict";

  const outbox = window.academyOutbox;
  const client = (crypto.randomUUID && crypto.randomUUID()) || String(Math.random()).slice(2);
  const typedIn = (form, submitter) =>
    [...new FormData(form, submitter)].filter(([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "client", "sequence"].includes(name));
  const label = document.querySelector("h1")?.textContent.trim() || document.title;

  const speaker = (status) => (words, wrong, link) => {
    status.textContent = words;
    if (link) status.append(" ", link);
    status.dataset.state = wrong ? "wrong" : "";
  };
  /* why something did not come: refused, signed out (each may have a link), or no network */
  const tellWhy = (tell, found, unsaved) => {
    const [words, link] = found.more || [found.words || unsaved];
    tell(words, true, link);
  };

  /* what was typed here and did not reach the server is put back into its place */
  const putBack = (form, fields, only) => {
    const given = (name) => fields.filter(([other]) => other === name).map(([, value]) => value);
    for (const field of form.elements) {
      if (only && !only.includes(field.name)) continue;
      if (!field.name || field.readOnly || ["hidden", "submit", "file"].includes(field.type)) continue;
      const values = given(field.name);
      if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
      else if (field.tagName === "SELECT") field.value = values.find((value) => [...field.options].some((option) => option.value === value)) ?? "";
      else field.value = values[0] ?? "";
    }
  };

  /* a question inside a lesson: the server says what the answer is worth; without a network it waits on this device, if one is signed in */
  const judge = (form) => {
    const address = form.getAttribute("action"), key = `check:${address}`;
    const told = form.querySelector("[data-academy-told]"), tell = speaker(form.querySelector("[data-academy-status]"));
    const show = (words) => { told.replaceChildren(...new DOMParser().parseFromString(words, "text/html").body.childNodes); tell(""); };
    const waits = () => { told.replaceChildren(); tell(form.dataset.academyWaits); };
    const asVisitor = async (fields) => {
      try {
        const answer = await fetch(address, { method: "POST", body: new URLSearchParams(fields), credentials: "same-origin", headers: { Accept: "application/json" } });
        const said = await answer.json();
        if (answer.ok) show(said.told);
        else tell(said.error || form.dataset.academyUnheard, true);
      } catch { tell(form.dataset.academyUnheard, true); }
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.academySending) return;
      form.dataset.academySending = "1";
      const entry = { key, address, label, fields: typedIn(form) };
      if (!outbox) await asVisitor(entry.fields);
      else {
        const found = await outbox.ask(entry);
        if (found.state === "sent") outbox.drop(key);
        else if (found.state === "refused") tell(found.words, true);
        else if (found.state === "signin" || !outbox.put(entry)) form.submit();
        else waits();
      }
      delete form.dataset.academySending;
    });
    if (!outbox) return;
    const waiting = outbox.find(key);
    if (waiting) { putBack(form, waiting.fields); waits(); }
    addEventListener("academy:sent", ({ detail }) => { if (detail.key === key) show(detail.said.told); });
  };
  document.querySelectorAll("form[data-academy-check]").forEach(judge);
  if (!outbox) return;

  /* ‘I have read this’ and ‘hand in’ go on when the server has heard them; without a network they wait on this device */
  const keep = (form, { tell, written = typedIn, meanwhile = [], queued = () => {} }) => {
    const key = `${form.dataset.academyKeep}:${form.getAttribute("action")}`;
    const waits = () => tell(form.dataset.academyWaits);
    if (outbox.find(key)) waits();
    form.addEventListener("submit", async (event) => {
      if (event.submitter?.hasAttribute("formaction")) return;
      event.preventDefault();
      if (form.dataset.academySending) return;
      form.dataset.academySending = "1";
      const entry = { key, address: form.getAttribute("action"), label, fields: written(form, event.submitter) };
      const found = await outbox.ask(entry);
      delete form.dataset.academySending;
      delete form.dataset.academySent;
      if (found.state === "sent") { outbox.drop(key); queued(); location.assign(found.said.go || location.href); return; }
      if (found.state === "refused") { tellWhy(tell, found); return; }
      if (!outbox.put({ ...entry, fields: [...entry.fields, ...meanwhile] })) { form.submit(); return; }
      queued();
      if (found.state === "signin") tellWhy(tell, found); else waits();
    });
    addEventListener("academy:later", ({ detail: { entry, found } }) => {
      if (entry.key !== key) return;
      if (found.state === "sent") location.reload(); /* what it led to */
      else if (found.state !== "kept") tellWhy(tell, found);
    });
    return { key, takeBack: () => { if (outbox.find(key)) { outbox.drop(key); tell(""); } } };
  };
  const finish = document.querySelector("form[data-academy-keep=complete]");
  if (finish) keep(finish, { tell: speaker(finish.querySelector("[data-academy-status]")) });

  /* a lesson: how far down, under which heading, for how long the page was in sight */
  const lesson = document.querySelector("[data-academy-progress]");
  if (lesson) {
    const address = lesson.dataset.academyProgress;
    const headings = [...lesson.querySelectorAll("h2[id], h3[id], h4[id]")];
    let heading = lesson.dataset.academyHeading || "";
    let sequence = 0, seconds = 0, furthest = 0, sent = "", timer, left = false, since = document.hidden ? 0 : performance.now();

    const tally = () => {
      if (since) seconds += Math.min((performance.now() - since) / 1000, 600);
      since = document.hidden ? 0 : performance.now();
    };
    const place = () => {
      const box = lesson.getBoundingClientRect();
      const read = box.height ? (innerHeight - box.top) / box.height : 1;
      furthest = Math.max(furthest, Math.min(1, Math.max(0, read)));
      return headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 2).pop()?.id || "";
    };
    /* only a page in sight is read: a tab that was opened behind another one says nothing; `since` is not 0 while it is in sight */
    const report = (last) => {
      clearTimeout(timer);
      if (!since || left) return;
      left = Boolean(last);
      heading = place() || heading;
      /* static/js/media.js says what plays, and where it is */
      const media = lesson.dataset.academyPlace || "", both = [heading, media].filter(Boolean).join(" ");
      const position = both.length > 100 ? media : both;
      const state = `${furthest.toFixed(2)} ${position}`;
      if (!last && state === sent) return;
      tally();
      sent = state;
      sequence += 1;
      const fields = Object.entries({ client, sequence, progress: furthest.toFixed(3), position, seconds: Math.round(seconds) });
      const entry = { key: `progress:${address}:${client}`, address, label, fields };
      if (last) outbox.leave(entry);
      else outbox.post(entry);
    };
    const soon = () => { clearTimeout(timer); timer = setTimeout(report, 2000); };
    addEventListener("scroll", soon, { passive: true });
    lesson.addEventListener("academy-place", soon);
    const back = () => { if (document.hidden) return; left = false; since = since || performance.now(); soon(); };
    document.addEventListener("visibilitychange", () => { if (document.hidden) report(true); else back(); });
    addEventListener("pagehide", () => report(true)); /* the browser tells of both when somebody goes on: one event leaves */
    addEventListener("pageshow", back);
    soon();
  }

  /* a quiz or an assignment: what is written is saved two seconds after the last change, and again when the page goes away */
  const quiz = document.querySelector("form[data-academy-autosave]");
  if (quiz) {
    const status = quiz.querySelector("[data-academy-status]");
    let sequence = 0, dirty = false, handedIn = false, timer;
    /* a draft says which edition it changes; its buttons speak for this tab too, so that it never stands in its own way */
    const edition = quiz.elements.edition;
    const own = edition ? ["client", "sequence"].map((name) => Object.assign(document.createElement("input"), { type: "hidden", name })) : [];
    quiz.append(...own);
    const tell = speaker(status);
    const address = quiz.dataset.academyAutosave, key = `save:${address}`;

    /* of a quiz, only the questions touched here and not yet heard by the server are sent: another tab may have answered the others */
    const touched = new Map(); /* which save is the first to carry each */
    const names = quiz.dataset.academyKeep && Object.assign(document.createElement("input"), { type: "hidden", name: "touched" });
    if (names) quiz.append(names);
    const touch = (name) => { if (names && name?.startsWith("q-")) { touched.set(name, sequence + 1); names.value = [...touched.keys()].join(","); } };
    const heard = (upTo) => {
      touched.forEach((first, name) => { if (first <= upTo) touched.delete(name); });
      if (names) names.value = [...touched.keys()].join(",");
    };
    const list = (fields) => fields.find(([name]) => name === "touched")?.[1].split(",").filter(Boolean);
    /* with what waits of another tab on this device, since there is one place for both */
    const written = (form, submitter) => {
      const fields = typedIn(form, submitter), waiting = names && outbox.find(key)?.fields;
      const theirs = (waiting && list(waiting) || []).filter((name) => !touched.has(name));
      if (!theirs.length) return fields;
      const others = fields.filter(([name]) => name !== "touched" && !theirs.includes(name));
      return [...others, ...waiting.filter(([name]) => theirs.includes(name)), ["touched", [...touched.keys(), ...theirs].join(",")]];
    };
    let reset = () => {}; /* the clock, by what the server answers */
    const save = async (last) => {
      clearTimeout(timer);
      if (!dirty || handedIn) return;
      dirty = false;
      sequence += 1;
      const carried = sequence;
      const entry = { key, address, label, fields: [...written(quiz), ["client", client], ["sequence", sequence]] };
      if (last === true) { outbox.leave(entry); return; }
      answered(await outbox.post(entry), carried);
    };
    const answered = (found, carried) => {
      if (edition && found.said?.edition) edition.value = found.said.edition;
      if (found.state === "sent") { heard(carried); reset(found.said); }
      if (found.said?.wrong) tell(found.said.wrong, true);
      else if (found.state === "sent") tell(`${quiz.dataset.academySaved} ${new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" })}`);
      else tellWhy(tell, found, quiz.dataset.academyUnsaved);
    };

    const typed = outbox.find(key);
    if (typed) {
      putBack(quiz, typed.fields, names && list(typed.fields));
      tell(quiz.dataset.academyUnsaved, true);
    }
    /* what waited here has its answer now: a save of this tab, or what was put back into it */
    addEventListener("academy:later", ({ detail: { entry, found } }) => {
      const said = Object.fromEntries(entry.fields), own = said.client === client;
      if (entry.key !== key || (found.state === "kept" && !found.more)) return;
      if (own) answered(found, Number(said.sequence));
      else if (entry.id === typed?.id) answered({ ...found, said: { ...found.said, edition: 0 } }, 0);
    });
    /* what is on the screen and not what the server sent: put back here, or by the browser itself */
    const asSent = (field) => {
      if (["radio", "checkbox"].includes(field.type)) return field.checked === field.defaultChecked;
      if (field.tagName !== "SELECT") return field.value === field.defaultValue;
      return (field.selectedOptions[0] || field.options[0]) === ([...field.options].find((option) => option.defaultSelected) || field.options[0]);
    };
    const compare = () => [...quiz.elements].forEach((field) => { if (names && field.name.startsWith("q-") && !asSent(field)) touch(field.name); });
    compare();
    addEventListener("pageshow", (event) => { if (!event.persisted) compare(); });

    const soon = (event) => { touch(event.target.name); dirty = true; clearTimeout(timer); timer = setTimeout(save, 2000); };
    quiz.addEventListener("change", soon);
    quiz.addEventListener("input", soon);
    const handIn = quiz.dataset.academyKeep && keep(quiz, { tell, written, meanwhile: [["anyway", "1"]], queued: () => { handedIn = true; clearTimeout(timer); outbox.drop(key); } });
    quiz.addEventListener("input", () => { if (handIn) { handIn.takeBack(); handedIn = false; } });
    quiz.addEventListener("submit", (event) => {
      clearTimeout(timer);
      if (event.submitter?.name === "stay") { /* Enter in a field */
        event.preventDefault();
        setTimeout(() => { delete quiz.dataset.academySent; });
        dirty = true;
        save();
        return;
      }
      if (handIn) return;
      if (edition && !navigator.onLine) { /* nothing goes now: what is typed is kept here, and its buttons wait */
        event.preventDefault();
        setTimeout(() => { delete quiz.dataset.academySent; });
        dirty = true;
        save();
        return;
      }
      outbox.drop(key);
      handedIn = true;
      own.forEach((input) => { input.value = input.name === "client" ? client : sequence + 1; });
    });
    addEventListener("pagehide", () => save(true));
    addEventListener("pageshow", () => { handedIn = false; });
    document.addEventListener("visibilitychange", () => { if (document.hidden) save(true); });

    /* how many words there are */
    const counter = quiz.querySelector("[data-academy-words]"), counted = quiz.querySelector("[data-academy-counted]");
    if (counter && counted) {
      const count = () => {
        const words = counted.value.split(/\s+/).filter(Boolean).length;
        counter.querySelector("[data-academy-count]").textContent = words;
        counter.dataset.state = words > (counter.dataset.academyMost || Infinity) ? "over" : "";
      };
      counted.addEventListener("input", count);
      count();
    }

    /* the time that is left, by the server's clock; at the end what is written is handed in */
    const limit = quiz.querySelector("[data-academy-deadline]");
    if (limit) {
      const { academyDeadline, academyNow, academyLeft, academySoon } = limit.dataset;
      const clock = limit.querySelector("[data-academy-clock]");
      const until = (deadline, now) => performance.now() + (new Date(deadline) - new Date(now));
      let end = until(academyDeadline, academyNow), told = false, asking = false, ticking;
      reset = ({ deadline, now }) => {
        if (!deadline || !now) return;
        end = until(deadline, now);
        if (end - performance.now() > 60000) { told = false; limit.dataset.state = ""; }
      };
      const tick = async () => {
        const left = Math.max(0, Math.round((end - performance.now()) / 1000));
        clock.textContent = `${academyLeft} ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
        if (left <= 60 && !told) { told = true; limit.dataset.state = "soon"; tell(academySoon); }
        if (left > 0 || handedIn || asking) return;
        asking = true; /* a trainer may have given more time since: the answer to a save says it */
        dirty = true;
        await save().catch(() => {}); /* whatever happens, it is handed in */
        asking = false;
        if (end - performance.now() > 500 || handedIn) return;
        clearInterval(ticking);
        const anyway = Object.assign(document.createElement("input"), { type: "hidden", name: "anyway", value: "1" });
        quiz.append(anyway);
        quiz.requestSubmit();
      };
      ticking = setInterval(tick, 1000);
      tick();
      document.addEventListener("visibilitychange", tick);
    }
  }
})();
