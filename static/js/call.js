/* The page of a call: the end of the call on the reader's own clock, and a button that prints. Without it the page says the same. */
(() => {
  "use strict";
  for (const line of document.querySelectorAll("[data-academy-here]")) {
    const moment = new Date(line.dataset.academyHere), words = { dateStyle: "long", timeStyle: "short" };
    const here = moment.toLocaleString(document.documentElement.lang, words);
    if (here === moment.toLocaleString(document.documentElement.lang, { ...words, timeZone: line.dataset.academyZone })) continue;
    line.querySelector("time").textContent = here;
    line.querySelector("time").dateTime = line.dataset.academyHere;
    line.hidden = false;
  }
  const button = document.querySelector("[data-academy-print]");
  if (!button) return;
  button.hidden = false;
  document.querySelector("[data-academy-no-print]").hidden = true;
  button.addEventListener("click", () => print());
})();
