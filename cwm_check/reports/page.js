"use strict";
// Both traces of a finding are stepped together: a step is its number, and a side that has no such step stays where it was.
const articles = [...document.querySelectorAll("article[data-parting]")];
const at = new Map();

const number = (item) => Number(item.dataset.step);
const steps = (article) => [...new Set([...article.querySelectorAll("li")].map(number))].sort((a, b) => a - b);

function show(article, step) {
  at.set(article, step);
  for (const trace of article.querySelectorAll(".trace")) {
    const items = [...trace.children];
    const current = items.filter((item) => number(item) <= step).at(-1);
    for (const item of items) item.removeAttribute("aria-current");
    if (!current) continue;
    current.setAttribute("aria-current", "step");
    trace.scrollTop = current.offsetTop - trace.offsetTop - trace.clientHeight / 3;
  }
  article.querySelector("output").textContent = `step ${step + 1}`;
}

const moves = {
  first: (all) => all[0],
  back: (all, step) => all.filter((other) => other < step).at(-1) ?? step,
  next: (all, step) => all.find((other) => other > step) ?? step,
  parting: (all, step, parting) => all.filter((other) => other <= parting).at(-1),
};
const keys = {
  ArrowDown: "next",
  ArrowRight: "next",
  j: "next",
  ArrowUp: "back",
  ArrowLeft: "back",
  k: "back",
  Home: "first",
  d: "parting",
};

function move(article, name) {
  show(article, moves[name](steps(article), at.get(article), Number(article.dataset.parting)));
}

for (const article of articles) {
  article.querySelector(".buttons").hidden = false;
  article.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-move]");
    if (button) move(article, button.dataset.move);
  });
  move(article, "parting");
}
document.body.classList.add("stepping");
document.addEventListener("keydown", (event) => {
  const name = keys[event.key];
  const article = document.activeElement.closest("article[data-parting]");
  if (!name || !article || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  move(article, name);
});
