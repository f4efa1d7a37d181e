/* Video and sound of a lesson: nothing is loaded before the button is pressed, which says the size; playing goes on at the second where it
   stopped, on another device too (static/js/courses.js sends the place). Without this file the browser's own controls are there. */
(() => {
  "use strict";
  const lesson = document.querySelector("[data-academy-progress]");
  const [, known, second] = lesson?.dataset.academyPlace?.match(/^media-(.+)@([0-9]+)$/) || [];
  const TELL_EVERY = 15;

  for (const box of document.querySelectorAll("[data-academy-media]")) {
    const id = box.dataset.academyMedia, player = box.querySelector("video, audio");
    const button = box.querySelector("[data-part=play]"), lost = box.querySelector("[data-part=lost]");
    let from = id === known ? Number(second) : 0, told = from;

    const keep = (place, tell) => {
      if (!lesson) return;
      lesson.dataset.academyPlace = `media-${id}@${Math.floor(place)}`;
      if (!tell) return;
      told = place;
      lesson.dispatchEvent(new Event("academy-place"));
    };
    player.controls = false;
    button.hidden = false;
    box.dataset.state = "closed";
    button.addEventListener("click", () => {
      box.dataset.state = "open";
      button.hidden = true;
      player.controls = true;
      player.tabIndex = 0;
      player.focus();
      player.play().catch(() => {});
    });

    player.addEventListener("loadedmetadata", () => {
      if (from && !(from >= player.duration)) player.currentTime = from;
      from = 0;
    });
    player.addEventListener("timeupdate", () => {
      if (!player.paused && !player.seeking) keep(player.currentTime, Math.abs(player.currentTime - told) >= TELL_EVERY);
    });
    player.addEventListener("pause", () => { if (!player.ended) keep(player.currentTime, true); });
    player.addEventListener("ended", () => keep(0, true));
    player.addEventListener("playing", () => {
      lost.textContent = "";
      for (const other of document.querySelectorAll("[data-academy-media] :is(video, audio)")) if (other !== player) other.pause();
    });
    /* what fails to load says so at its source, whose event does not rise; captions that fail are no reason to stop */
    player.addEventListener("error", (event) => {
      if (event.target.tagName !== "TRACK") lost.textContent = navigator.onLine ? lost.dataset.academyBroken : lost.dataset.academyOffline;
    }, true);
  }
})();
