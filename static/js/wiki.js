/* The pages work without this file. Behaviours attach by data-academy-*. */
(() => {
  "use strict";

  /* the contents list follows the reader: the last heading that has passed the top third of the window is where they are */
  const contents = document.querySelector("[data-academy-contents]");
  const links = contents ? [...contents.querySelectorAll('a[href^="#"]')] : [];
  const places = links
    .map((link) => ({ link, heading: document.getElementById(decodeURIComponent(link.hash.slice(1))) }))
    .filter((place) => place.heading);
  let current = null;
  const follow = () => {
    const line = innerHeight / 3;
    let here = null;
    for (const place of places) {
      if (place.heading.getBoundingClientRect().top > line) break;
      here = place.link;
    }
    if (here === current) return;
    current?.removeAttribute("aria-current");
    here?.setAttribute("aria-current", "location");
    current = here;
  };
  if (places.length && "IntersectionObserver" in window) {
    const watch = new IntersectionObserver(follow, { rootMargin: "0px 0px -66% 0px" });
    places.forEach((place) => watch.observe(place.heading));
    follow();
  }

  /* on a phone the open list folds away once something is chosen in it */
  contents?.addEventListener("click", (event) => {
    const box = contents.querySelector("details");
    if (event.target.closest("a") && box.open && matchMedia("(max-width: 59.99rem)").matches) box.open = false;
  });

  /* printing is offered where there is a script to do it */
  document.querySelectorAll("[data-academy-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
})();
