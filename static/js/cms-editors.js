// Wagtail's editor hands its text to the form a quarter of a second after the last key: on sending, it does so at once.
document.addEventListener("submit", (event) => {
  for (const input of event.target.elements) input.draftailEditor?.saveState?.();
}, true);
