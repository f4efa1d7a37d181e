/* Keeps the place in a lesson, the answers of a quiz and the draft of an assignment while one works. The pages work without it. */
(() => {
  "use strict";

  const client = (crypto.randomUUID && crypto.randomUUID()) || String(Math.random()).slice(2);
  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";

  /* one event, numbered: the server drops what comes twice or late */
  const send = (address, fields) => {
    const body = new URLSearchParams(fields);
    body.set("csrfmiddlewaretoken", token());
    return fetch(address, { method: "POST", body, keepalive: true, credentials: "same-origin", headers: { Accept: "application/json" } });
  };

  /* a lesson: how far down, under which heading, for how long the page was in sight */
  const lesson = document.querySelector("[data-academy-progress]");
  if (lesson && token()) {
    const address = lesson.dataset.academyProgress;
    const headings = [...lesson.querySelectorAll("h2[id], h3[id], h4[id]")];
    let sequence = 0, seconds = 0, furthest = 0, sent = "", timer, since = document.hidden ? 0 : performance.now();

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
    const report = (last) => {
      clearTimeout(timer);
      const position = place();
      const state = `${furthest.toFixed(2)} ${position}`;
      if (!last && state === sent) return;
      tally();
      sent = state;
      sequence += 1;
      send(address, { client, sequence, progress: furthest.toFixed(3), position, seconds: Math.round(seconds) }).catch(() => { sent = ""; });
    };
    const soon = () => { clearTimeout(timer); timer = setTimeout(report, 2000); };
    addEventListener("scroll", soon, { passive: true });
    document.addEventListener("visibilitychange", () => { if (document.hidden) report(true); else since = performance.now(); });
    addEventListener("pagehide", () => { if (!document.hidden) report(true); });
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
    const tell = (words, wrong) => { status.textContent = words; status.dataset.state = wrong ? "wrong" : ""; };
    const save = async () => {
      clearTimeout(timer);
      if (!dirty || handedIn) return;
      dirty = false;
      sequence += 1;
      const fields = [...new FormData(quiz)].filter(([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "client", "sequence"].includes(name));
      try {
        const answer = await send(quiz.dataset.academyAutosave, [...fields, ["client", client], ["sequence", sequence]]);
        if (answer.ok && !answer.redirected) {
          const said = edition ? await answer.json() : {};
          if (edition) edition.value = said.edition;
          if (said.error) { tell(said.error, true); return; }
          tell(`${quiz.dataset.academySaved} ${new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" })}`);
          return;
        }
        const words = answer.status === 409 ? (await answer.json()).error : quiz.dataset.academyUnsaved;
        dirty = answer.status !== 409;
        tell(words, true);
      } catch {
        dirty = true;
        tell(quiz.dataset.academyUnsaved, true);
      }
      if (dirty) timer = setTimeout(save, 10000);
    };
    const soon = () => { dirty = true; clearTimeout(timer); timer = setTimeout(save, 2000); };
    quiz.addEventListener("change", soon);
    quiz.addEventListener("input", soon);
    quiz.addEventListener("submit", () => {
      handedIn = true;
      clearTimeout(timer);
      own.forEach((input) => { input.value = input.name === "client" ? client : sequence + 1; });
    });
    addEventListener("online", save);
    addEventListener("pagehide", save);
    addEventListener("pageshow", () => { handedIn = false; });
    document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });

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
      const end = performance.now() + (new Date(academyDeadline) - new Date(academyNow));
      let told = false, ticking;
      const tick = () => {
        const left = Math.max(0, Math.round((end - performance.now()) / 1000));
        clock.textContent = `${academyLeft} ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
        if (left <= 60 && !told) { told = true; limit.dataset.state = "soon"; tell(academySoon); }
        if (left > 0 || handedIn) return;
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
