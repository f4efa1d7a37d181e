/* The pages of modules that somebody keeps on this device (static/js/offline.js puts them there). Everything else goes to the network,
   as if this file were not there. The network comes first, as long as it answers; signing out takes everything away. */
"use strict";
const PREFIX = "module:", PATIENCE = 4000, LOGOUT = "/accounts/logout/";
const ASSETS = /^\/(static|media\/images)\/|^\/brand\.css$/;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const kept = async () => (await caches.keys()).filter((name) => name.startsWith(PREFIX));
const forget = async () => Promise.all((await kept()).map((name) => caches.delete(name)));
const find = async (address, how = {}) => {
  for (const name of await kept()) {
    const answer = await (await caches.open(name)).match(address, { ignoreVary: true, ...how });
    if (answer) return { answer, name };
  }
  return {};
};

const soon = (request) => {
  let timer;
  const late = new Promise((_, refuse) => { timer = setTimeout(() => refuse(new Error("late")), PATIENCE); });
  return Promise.race([fetch(request), late]).finally(() => clearTimeout(timer));
};

/* What takes the place of a copy. What is kept for a course that asks for it again is not replaced by the page as it is elsewhere; what is
   kept for no course always is, without the address: else it would belong to the course in which it was last read. */
const newer = (copy, fresh, url) => {
  const course = copy.url && new URL(copy.url).searchParams.get("course");
  if (!course) return new Response(fresh.clone().body, fresh);
  return course === url.searchParams.get("course") ? fresh.clone() : null;
};

const page = async (request, url) => {
  const { answer: copy, name } = await find(url.pathname);
  try {
    const fresh = await (copy ? soon(request) : fetch(request));
    const next = copy && fresh.ok ? newer(copy, fresh, url) : null;
    if (next) await (await caches.open(name)).put(url.pathname, next);
    return fresh;
  } catch (error) {
    const instead = copy || (await find(`/${url.pathname.split("/")[1]}/learn/offline/`)).answer || (await find("/en/learn/offline/")).answer;
    if (instead) return instead;
    throw error;
  }
};

const asset = async (request) => {
  const { answer } = await find(request);
  if (answer) return answer;
  try { return await fetch(request); } catch (error) {
    const other = await find(request, { ignoreSearch: true });
    if (other.answer) return other.answer;
    throw error;
  }
};

addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname === LOGOUT) event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (ASSETS.test(url.pathname)) event.respondWith(asset(request));
});
