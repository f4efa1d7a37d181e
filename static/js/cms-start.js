// Starts the widgets of the CMS from data, so that its pages need no inline script (academy/cms_csp.py).
(() => {
  "use strict";
  const waiting = new Set();

  const start = (element) => {
    const make = element.dataset.cmsNew;
    const name = make || element.dataset.cmsCall;
    const target = window[name];
    if (typeof target !== "function") {
      waiting.add(element); // its script has not loaded yet
      return;
    }
    waiting.delete(element);
    if (element.dataset.cmsStarted) return;
    element.dataset.cmsStarted = "1";
    const values = JSON.parse(element.textContent);
    if (make) Reflect.construct(target, values);
    else target(...values);
  };

  const scan = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_NODE) return;
    const selector = "script[data-cms-new], script[data-cms-call]";
    if (node.matches?.(selector)) start(node);
    node.querySelectorAll?.(selector).forEach(start);
  };

  const begin = () => {
    scan(document);
    new MutationObserver((changes) => {
      for (const change of changes) change.addedNodes.forEach(scan);
      for (const element of [...waiting]) start(element);
    }).observe(document.documentElement, { childList: true, subtree: true });
    window.addEventListener("load", () => [...waiting].forEach(start));
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
