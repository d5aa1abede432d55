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
    for (const option of all("option[data-zh]")) option.textContent = option.dataset[language];
    try { localStorage.setItem("yanzhang.lang", language); } catch { /* opened from disk without storage */ }
  }
  const turnLanguage = () => speak(root.dataset.lang === "zh" ? "en" : "zh");

  // Envelopes that are as they were, and applications not received: data until somebody asks for one.
  const AT_ONCE = 200;
  const held = $("#data"), list = $("#rows"), more = $("#more"), state = $("#state");
  const data = held ? JSON.parse(held.textContent) : { codes: [], rows: [] };
  const STATES = {
    changed: ["有变化", "changed"], findings: ["有问题", "findings"], clean: ["无误", "clean"],
    unreadable: ["无法读取", "unreadable"], none: ["无网上记录", "no record"], missing: ["未收到", "not received"],
  };
  let fitting = [], drawn = 0, words = [];
  const make = (name, text, kind) => {
    const item = document.createElement(name);
    if (text !== undefined) item.textContent = text;
    if (kind) item.className = kind;
    return item;
  };
  const both = (within, zh, en) => {
    for (const [lang, text] of [["zh", zh], ["en", en]]) {
      const item = make("span", text);
      item.lang = lang;
      within.append(item);
    }
  };
  function fits(row) {
    const [envelope, number, name, is, , , , , , found] = row;
    if (state.value && state.value !== is) return false;
    if (code.value && !found.some((one) => data.codes[one[0]][0] === code.value)) return false;
    if (onlyOpen.checked && is === "clean") return false;
    if (!words.length) return true;
    const codes = found.map((one) => data.codes[one[0]].join(" ") + " " + one.slice(1).join(" ")).join(" ");
    const text = `${envelope} ${number} ${name} ${codes}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }
  function drawn_row(row) {
    const [envelope, number, name, is, errors, warnings] = row;
    const item = make("li"), head = make("button", undefined, "row");
    head.type = "button";
    head.setAttribute("aria-expanded", "false");
    head.append(make("span", name || envelope || number, "who"), make("code", number), make("small", envelope));
    const told = make("i", undefined, `n ${is === "clean" ? "clean" : errors || is === "unreadable" ? "error" : "warning"}`);
    both(told, ...STATES[is]);
    const counts = make("span", undefined, "counts");
    if (errors) counts.append(make("i", errors, "n error"));
    if (warnings) counts.append(make("i", warnings, "n warning"));
    counts.append(told);
    head.append(counts);
    head.addEventListener("click", () => open(item, head, row));
    item.append(head);
    return item;
  }
  function open(item, head, row) {
    const there = $(".detail", item);
    if (there) { there.remove(); head.setAttribute("aria-expanded", "false"); return; }
    const [, , , is, , , partOf, received, pages, found] = row;
    const detail = make("div", undefined, "detail"), facts = make("p", undefined, "quiet");
    if (is !== "missing") both(facts, `${pages} 页`, `${pages} pages`);
    if (received) both(facts, ` · 收到 ${received}`, ` · received ${received}`);
    if (partOf) both(facts, ` · 并入 ${partOf}`, ` · part of ${partOf}`);
    detail.append(facts);
    const findings = make("ul");
    for (const [place, id, zh, en] of found) {
      const line = make("li"), [name, chinese, english] = data.codes[place];
      both(line, zh ? `${chinese}：${zh} ` : `${chinese} `, en ? `${english}: ${en} ` : `${english} `);
      line.append(make("code", name), document.createTextNode(" "), make("code", id, "id"));
      findings.append(line);
    }
    if (found.length) detail.append(findings);
    item.append(detail);
    head.setAttribute("aria-expanded", "true");
  }
  function draw(anew) {
    if (!list) return;
    if (anew) { list.replaceChildren(); drawn = 0; }
    const next = fitting.slice(drawn, drawn + AT_ONCE);
    list.append(...next.map(drawn_row));
    drawn += next.length;
    more.hidden = drawn >= fitting.length;
    all(".rows-count").forEach((item) => { item.textContent = fitting.length; });
  }
  let waiting = 0;
  function filter() {
    clearTimeout(waiting);
    words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (list) waiting = setTimeout(() => { fitting = data.rows.filter(fits); draw(true); }, data.rows.length > 5000 ? 150 : 0);
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
    $("#nothing").hidden = any || list !== null;
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
    m: () => { const first = list && $("button", list); if (first) { first.focus(); first.scrollIntoView({ block: "center" }); } },
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
  if (list) {
    state.addEventListener("change", filter);
    more.addEventListener("click", () => { const last = list.lastElementChild; draw(false); $("button", last?.nextElementSibling || list)?.focus(); });
    fitting = data.rows;
    draw(true);
  }
  let language = "zh";
  try { language = localStorage.getItem("yanzhang.lang") || "zh"; } catch { /* as above */ }
  if (language !== "zh") speak(language);
})();
