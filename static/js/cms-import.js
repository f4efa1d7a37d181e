// Bringing documents in: drop files and folders, see them sent, watch an import. The pages work without it.
(() => {
  "use strict";

  const form = document.querySelector("[data-import-drop]");
  if (form) {
    const zone = form.querySelector(".import-files");
    const chosen = form.querySelector("[data-import-chosen]");
    const inputs = [...form.querySelectorAll("input[type=file]")];
    let dropped = []; // [path, file]
    form.querySelector("[data-import-hint]").hidden = false;

    const say = (count) => {
      chosen.textContent = count === 0 ? "" : count === 1 ? chosen.dataset.one : chosen.dataset.many.replace("{n}", count);
    };
    const count = () => dropped.length + inputs.reduce((sum, input) => sum + input.files.length, 0);
    inputs.forEach((input) => input.addEventListener("change", () => say(count())));

    const walk = async (entry, path) => {
      if (entry.isFile) {
        const file = await new Promise((done, failed) => entry.file(done, failed));
        return [[path + entry.name, file]];
      }
      const reader = entry.createReader();
      const found = [];
      for (;;) {
        const some = await new Promise((done, failed) => reader.readEntries(done, failed));
        if (!some.length) return found;
        for (const inner of some) found.push(...(await walk(inner, `${path}${entry.name}/`)));
      }
    };

    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.dataset.over = "";
    });
    zone.addEventListener("dragleave", () => delete zone.dataset.over);
    zone.addEventListener("drop", async (event) => {
      event.preventDefault();
      delete zone.dataset.over;
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
      const alone = entries.length === 1 && entries[0].isDirectory;
      for (const entry of entries) {
        const files = await walk(entry, "");
        dropped.push(...files.map(([path, file]) => [alone ? path.slice(entry.name.length + 1) : path, file]));
      }
      say(count());
    });

    form.addEventListener("submit", (event) => {
      if (!dropped.length) return;
      event.preventDefault();
      const data = new FormData(form);
      dropped.forEach(([path, file]) => data.append("files", file, path));
      const button = form.querySelector("button[type=submit]");
      button.disabled = true;
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (progress) => {
        if (progress.lengthComputable) {
          chosen.textContent = `${chosen.dataset.sending} ${Math.round((100 * progress.loaded) / progress.total)} %`;
        }
      });
      request.addEventListener("load", () => {
        if (request.status === 200 && request.responseURL !== window.location.href) {
          window.location.assign(request.responseURL);
          return;
        }
        // its own page again, with the reason
        const answer = new DOMParser().parseFromString(request.responseText, "text/html");
        const reason = answer.querySelector(".import-form [role=alert], .import-form .w-field__errors");
        chosen.textContent = reason ? reason.textContent.trim() : chosen.dataset.failed;
        button.disabled = false;
      });
      request.addEventListener("error", () => {
        chosen.textContent = chosen.dataset.failed;
        button.disabled = false;
      });
      request.open("POST", form.action || window.location.href);
      request.send(data);
    });
  }

  const live = document.querySelector("[data-import-live]");
  if (live) {
    const said = document.querySelector("[data-import-said]");
    const state = live.querySelector("[data-import-state]").dataset.importState;
    let step = -1;
    const look = async () => {
      try {
        const answer = await fetch(live.dataset.address, { headers: { "X-Requested-With": "XMLHttpRequest" } });
        if (answer.ok) {
          live.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
          const now = live.querySelector("[data-import-state]");
          if (!now || now.dataset.importState !== state) {
            window.location.reload();
            return;
          }
          const ten = Math.floor(Number(now.dataset.importPercent) / 10);
          if (ten !== step) {
            step = ten;
            said.textContent = live.querySelector("[data-import-words]").textContent;
          }
        }
      } catch {
        // the connection comes back, or the page is left
      }
      window.setTimeout(look, 1500);
    };
    window.setTimeout(look, 1000);
  }
})();
