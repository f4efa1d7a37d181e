/* Counts the ballots on the wall while the vote is open, and turns to the results when it is closed. Without this file the page loads itself again. */
(() => {
  "use strict";
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const found = page.querySelector("[data-academy-live]");
        const here = document.querySelector("[data-academy-live]");
        if (!found || !here) return location.reload();
        if (found.textContent !== here.textContent) here.replaceChildren(...found.childNodes);
      }
    } catch { /* the network is away: look again */ }
    setTimeout(look, 4000);
  };
  setTimeout(look, 4000);
})();
