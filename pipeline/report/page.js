"use strict";
(() => {
  const root = document.documentElement;
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const cards = all("main > article[data-words]");
  const entries = all(".list li");
  const search = $("#search"), code = $("#code"), onlyOpen = $("#only-open");

  function speak(language) {
    root.dataset.lang = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    search.placeholder = search.dataset[language];
    for (const option of code.options) option.textContent = option.dataset[language];
    try { localStorage.setItem("yanzhang.lang", language); } catch { /* opened from disk without storage */ }
  }
  const turnLanguage = () => speak(root.dataset.lang === "zh" ? "en" : "zh");

  function filter() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set(all(".chip[aria-pressed=true]").map((chip) => chip.dataset.severity));
    let any = false;
    cards.forEach((card, place) => {
      let left = 0;
      for (const finding of all(".finding", card)) {
        finding.hidden = !shown.has(finding.dataset.severity) || (code.value !== "" && finding.dataset.code !== code.value);
        left += finding.hidden ? 0 : 1;
      }
      const fits = words.every((word) => card.dataset.words.includes(word));
      const wanted = code.value === "" || left > 0;
      card.hidden = !fits || !wanted || (onlyOpen.checked && card.dataset.worst === "clean");
      entries[place].hidden = card.hidden;
      any = any || !card.hidden;
    });
    $("#nothing").hidden = any;
  }

  const visible = () => all(".finding").filter((finding) => !finding.hidden && !finding.closest("article").hidden);
  function step(list, by) {
    if (!list.length) return;
    const now = $(".finding.here") || $("article.here");
    let place = list.findIndex((item) => item === now || item.contains(now));
    if (place < 0 && now) place = by > 0 ? -1 : list.length;
    go(list[Math.min(list.length - 1, Math.max(0, place + by))]);
  }
  function go(target) {
    all(".here").forEach((item) => item.classList.remove("here"));
    target.classList.add("here");
    target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: target.matches("article") ? "start" : "center" });
    const card = target.closest("article");
    entries.forEach((entry, place) => entry.classList.toggle("current", cards[place] === card));
  }
  function zoom(picture) {
    if (!picture) return;
    $("#zoom img").src = picture.src;
    $("#zoom").showModal();
  }

  const keys = {
    j: () => step(visible(), 1),
    k: () => step(visible(), -1),
    n: () => step(cards.filter((card) => !card.hidden), 1),
    p: () => step(cards.filter((card) => !card.hidden), -1),
    z: () => zoom($(".finding.here img")),
    o: () => { const card = $(".here")?.closest("article"); const box = card && $("details", card); if (box) box.open = !box.open; },
    l: turnLanguage,
    "/": () => search.focus(),
    "?": () => $("#help").showModal(),
    1: () => $(".chip.error").click(),
    2: () => $(".chip.warning").click(),
    3: () => $(".chip.info").click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search) {
      if (event.key === "Escape") { search.value = ""; filter(); search.blur(); }
      if (event.key === "Enter") { search.blur(); step(visible(), 1); }
      return;
    }
    if ($("dialog[open]")) { if (event.key.toLowerCase() === "z") $("dialog[open]").close(); return; }
    const act = keys[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });

  $("#language").addEventListener("click", turnLanguage);
  $("#print").addEventListener("click", () => window.print());
  $("#keys").addEventListener("click", () => $("#help").showModal());
  search.addEventListener("input", filter);
  code.addEventListener("change", filter);
  onlyOpen.addEventListener("change", filter);
  all(".chip").forEach((chip) => chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") !== "true");
    filter();
  }));
  all(".finding img").forEach((picture) => picture.addEventListener("click", () => zoom(picture)));
  all("dialog").forEach((dialog) => dialog.addEventListener("click", () => dialog.close()));
  let language = "zh";
  try { language = localStorage.getItem("yanzhang.lang") || "zh"; } catch { /* as above */ }
  if (language !== "zh") speak(language);
})();
