// On paper, a matrix that is wider than a sheet is cut into bands of columns, each with the names of its rows and of its stages.
(() => {
  const MOST = 20;
  let cut = [];

  // Whole stages side by side as long as they fit; a stage that is wider than a sheet, in equal parts.
  function bands(sizes) {
    const parts = sizes.flatMap((size) => {
      const n = Math.ceil(size / MOST);
      return Array.from({ length: n }, (_, i) => Math.floor((size * (i + 1)) / n) - Math.floor((size * i) / n));
    });
    const found = [];
    let first = 0;
    let at = 0;
    for (const size of parts) {
      if (at > first && at + size - first > MOST) {
        found.push([first, at]);
        first = at;
      }
      at += size;
    }
    return [...found, [first, at]];
  }

  // Of a row whose columns begin after `lead` others, what lies in the band stays.
  function narrow(row, lead, total, [from, to]) {
    let at = -lead;
    for (const cell of [...row.cells]) {
      const end = at + cell.colSpan;
      if (at >= 0 && at < total) {
        const left = Math.min(end, to) - Math.max(at, from);
        if (left > 0) cell.colSpan = left;
        else cell.remove();
      }
      at = end;
    }
  }

  function band(table, lead, total, range) {
    const copy = table.cloneNode(true);
    copy.classList.add("cms-band");
    const [stages, names] = copy.tHead.rows;
    narrow(stages, lead, total, range);
    narrow(names, 0, total, range);
    for (const part of [...copy.tBodies, copy.tFoot]) for (const row of part ? part.rows : []) narrow(row, lead, total, range);
    return copy;
  }

  addEventListener("beforeprint", () => {
    for (const table of document.querySelectorAll("table[data-bands]")) {
      const stages = [...table.tHead.rows[0].cells];
      const lead = stages.findIndex((cell) => cell.scope === "colgroup");
      const sizes = stages.filter((cell) => cell.scope === "colgroup").map((cell) => cell.colSpan);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      if (total <= MOST) continue;
      const copies = bands(sizes).map((range) => band(table, lead, total, range));
      table.after(...copies);
      table.classList.add("cms-whole");
      cut.push([table, copies]);
    }
  });
  addEventListener("afterprint", () => {
    for (const [table, copies] of cut) {
      table.classList.remove("cms-whole");
      for (const copy of copies) copy.remove();
    }
    cut = [];
  });
})();
