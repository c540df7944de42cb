"use strict";
(() => {
  const form = document.forms[0], sheet = document.querySelector("main"), shown = document.getElementById("shown");
  const cards = [...sheet.querySelectorAll("article")];
  const search = form.elements.search, state = form.elements.state, sort = form.elements.sort;
  const words = new Map(cards.map((card) => [card, card.textContent.toLowerCase()]));

  // Headers of clips are read when a card comes into view, not all at once.
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const video = entry.target.querySelector("video");
      if (entry.isIntersecting && video) { video.preload = "metadata"; seen.unobserve(entry.target); }
    }
  }, { rootMargin: "300px" });
  cards.forEach((card) => seen.observe(card));

  const visible = () => [...sheet.querySelectorAll("article:not([hidden])")];

  function apply() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const card of cards) {
      const fits = (!state.value || card.dataset.state === state.value) && wanted.every((word) => words.get(card).includes(word));
      card.hidden = !fits;
    }
    const [key, direction] = sort.value.split(" ");
    const value = (card) => (isNaN(Number(card.dataset[key])) || card.dataset[key] === "" ? card.dataset[key] || "" : Number(card.dataset[key]));
    cards.sort((a, b) => {
      const x = value(a), y = value(b);
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
      return direction === "down" ? -order : order;
    });
    sheet.append(...cards);
    shown.textContent = visible().length;
  }

  function move(step) {
    const all = visible(), at = all.indexOf(document.activeElement.closest("article"));
    const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  }

  function columns() {
    return getComputedStyle(sheet).gridTemplateColumns.split(" ").length;
  }

  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select")) {
      if (event.key === "Escape") { event.target.blur(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    const video = document.activeElement.closest("article")?.querySelector("video");
    const keys = {
      "/": () => search.focus(),
      ArrowRight: () => move(1), ArrowLeft: () => move(-1),
      ArrowDown: () => move(columns()), ArrowUp: () => move(-columns()),
      Home: () => move(-cards.length), End: () => move(cards.length),
      Enter: () => video && (video.paused ? video.play() : video.pause()),
      " ": () => video && (video.paused ? video.play() : video.pause()),
    };
    if (keys[event.key] && event.target.tagName !== "VIDEO") { event.preventDefault(); keys[event.key](); }
  });

  // One clip at a time.
  sheet.addEventListener("play", (event) => {
    for (const video of sheet.querySelectorAll("video")) { if (video !== event.target) { video.pause(); } }
  }, true);

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
