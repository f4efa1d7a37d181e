/* Suggestions as one types, and which hit was opened. The page works without this file. */
(() => {
  "use strict";

  const suggest = (box) => {
    const input = box.querySelector("input");
    const list = document.createElement("ul");
    list.id = `${input.id}-suggestions`;
    list.className = "search-suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", box.dataset.label);
    list.hidden = true;
    const said = document.createElement("span");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    box.append(list, said);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) input.setAttribute(name, value);

    const kept = new Map();
    let active = -1, waiting = 0, asking = null;

    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const choose = (place) => {
      const options = [...list.children];
      active = (place + options.length) % options.length;
      options.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
      input.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    };
    const show = (suggestions) => {
      list.replaceChildren(...suggestions.map((one, place) => {
        const option = document.createElement("li");
        option.id = `${input.id}-suggestion-${place}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        const title = document.createElement("span");
        title.textContent = one.title;
        title.lang = one.language;
        const kind = document.createElement("span");
        kind.className = "small";
        kind.textContent = one.kind;
        option.append(title, kind);
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => location.assign(one.href));
        option.dataset.href = one.href;
        return option;
      }));
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = !suggestions.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      said.textContent = suggestions.length ? box.dataset.some : box.dataset.none;
    };
    const ask = async () => {
      const typed = input.value.trim();
      asking?.abort();
      if (typed.length < 2) { close(); said.textContent = ""; return; }
      if (kept.has(typed)) { show(kept.get(typed)); return; }
      asking = new AbortController();
      try {
        const answer = await fetch(`${box.dataset.academySuggest}?q=${encodeURIComponent(typed)}`, { signal: asking.signal, headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        const { suggestions } = await answer.json();
        kept.set(typed, suggestions);
        if (input.value.trim() === typed && document.activeElement === input) show(suggestions);
      } catch { /* the next key asks again */ }
    };

    input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 180); });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
      else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
        event.preventDefault();
        choose(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
      } else if (event.key === "Enter" && active >= 0 && !list.hidden) {
        event.preventDefault();
        location.assign(list.children[active].dataset.href);
      }
    });
    input.addEventListener("blur", close);
  };
  document.querySelectorAll("[data-academy-suggest]").forEach(suggest);

  /* the first hit that is opened, for the report of searches: no person, no address */
  const hits = document.querySelector("[data-academy-opened]");
  const tell = (event) => {
    const link = event.target.closest("a[data-place]");
    if (!link) return;
    navigator.sendBeacon(hits.dataset.academyOpened, new URLSearchParams({ token: hits.dataset.token, place: link.dataset.place }));
  };
  hits?.addEventListener("click", tell);
  hits?.addEventListener("auxclick", tell);
})();
