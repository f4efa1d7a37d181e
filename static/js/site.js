/* The pages work without this file. Behaviours attach by data-academy-*. */
(() => {
  "use strict";

  /* after a refused form, the reader starts at what to correct */
  const refused = document.querySelector("[data-academy-focus]");
  if (refused && refused.closest("form")?.method !== "get") refused.focus();

  /* an open menu closes with Escape, or when one goes elsewhere */
  const menus = document.querySelectorAll("details.menu");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus.forEach((menu) => {
      if (!menu.open) return;
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    });
  });
  const elsewhere = (event) => menus.forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  document.addEventListener("click", elsewhere);
  document.addEventListener("focusin", elsewhere);

  /* a form marked so is sent once, however often the button is pressed */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-academy-once]") || event.submitter?.formTarget) return;
    if (form.dataset.academySent) { event.preventDefault(); return; }
    form.dataset.academySent = "1";
    addEventListener("pageshow", () => delete form.dataset.academySent, { once: true });
  });
})();
