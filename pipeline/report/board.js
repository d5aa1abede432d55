"use strict";
(() => {
  const root = document.documentElement;
  const $ = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const rows = all("tbody tr"), search = $("#search"), chips = all(".chip");
  // What is to outlive the page's next loading; a page opened from disk may have no storage.
  const keep = (name, value) => { try { sessionStorage.setItem(`yanzhang.${name}`, value); } catch { /* none */ } };
  const kept = (name) => { try { return sessionStorage.getItem(`yanzhang.${name}`); } catch { return null; } };
  let paused = kept("paused") === "yes";

  function speak(language) {
    root.dataset.lang = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    search.placeholder = search.dataset[language];
    try { localStorage.setItem("yanzhang.lang", language); } catch { /* none */ }
  }
  function filter() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const off = chips.filter((chip) => chip.getAttribute("aria-pressed") !== "true").map((chip) => chip.dataset.paper);
    for (const row of rows) row.hidden = off.includes(row.dataset.paper) || !words.every((word) => row.dataset.words.includes(word));
    $("#nothing").hidden = rows.some((row) => !row.hidden);
    keep("search", search.value);
    keep("off", off.join(" "));
  }
  function press(chip) {
    chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") === "true" ? "false" : "true");
    filter();
  }
  function step(by) {
    const shown = rows.filter((row) => !row.hidden);
    if (!shown.length) return;
    const now = shown.findIndex((row) => row.classList.contains("here"));
    all(".here").forEach((row) => row.classList.remove("here"));
    const row = shown[Math.min(shown.length - 1, Math.max(0, now + by))];
    row.classList.add("here");
    row.scrollIntoView({ block: "nearest" });
    keep("here", row.querySelector(".name").textContent);
  }
  function pause(yes) {
    paused = yes;
    keep("paused", yes ? "yes" : "no");
    $("#pause").classList.toggle("on", yes);
    $("#pause [lang=zh]").textContent = yes ? "继续刷新" : "暂停刷新";
    $("#pause [lang=en]").textContent = yes ? "Go on" : "Pause";
  }

  const keys = {
    j: () => step(1), k: () => step(-1),
    1: () => press(chips[0]), 2: () => press(chips[1]), 3: () => press(chips[2]), 4: () => press(chips[3]),
    l: () => speak(root.dataset.lang === "zh" ? "en" : "zh"),
    r: () => $("#report")?.click(),
    " ": () => pause(!paused),
    "/": () => search.focus(),
    "?": () => $("#help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search) {
      if (event.key === "Escape") { search.value = ""; filter(); search.blur(); }
      if (event.key === "Enter") search.blur();
      return;
    }
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) { event.preventDefault(); act(); }
  });
  search.addEventListener("input", filter);
  chips.forEach((chip) => chip.addEventListener("click", () => press(chip)));
  $("#pause").addEventListener("click", () => pause(!paused));
  $("#language").addEventListener("click", keys.l);
  $("#keys").addEventListener("click", keys["?"]);
  $("#help").addEventListener("click", () => $("#help").close());

  search.value = kept("search") || "";
  const off = (kept("off") || "").split(" ");
  chips.forEach((chip) => chip.setAttribute("aria-pressed", off.includes(chip.dataset.paper) ? "false" : "true"));
  const here = rows.find((row) => row.querySelector(".name").textContent === kept("here"));
  if (here) here.classList.add("here");
  let language = null;
  try { language = localStorage.getItem("yanzhang.lang"); } catch { /* none */ }
  if (language === "en") speak("en");
  filter();
  pause(paused);

  const time = $("header time");
  time.textContent = new Date(time.dateTime).toLocaleString("zh-CN", { hour12: false });

  // Two clocks may differ: how long the page has stayed the same is counted by this one alone.
  if (kept("at") !== root.dataset.at) { keep("at", root.dataset.at); keep("since", String(Date.now())); }
  function look() {
    const same = (Date.now() - Number(kept("since") || Date.now())) / 1000;
    $("#stale").hidden = root.dataset.ended === "yes" || paused || same < Number(root.dataset.stale);
  }
  function tick() {
    look();
    if (!paused && document.activeElement !== search && !$("#help").open) location.reload();
  }
  look();
  setInterval(tick, 1000 * Number(root.dataset.seconds));
})();
