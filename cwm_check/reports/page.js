"use strict";
// Both traces of a finding are stepped together: a step is its number, and a side that has no such step stays where it was.
const number = (item) => Number(item.dataset.step);
const at = new Map();

function stepsOf(article) {
  return [...new Set([...article.querySelectorAll("li")].map(number))].sort((a, b) => a - b);
}

function showState(section, item) {
  const locals = item.querySelector("dl");
  const none = document.createElement("p");
  none.textContent = item.matches(".return, .exception") ? "the run ends" : "no locals yet";
  section.querySelector(".state").replaceChildren(locals ? locals.cloneNode(true) : none);
}

function showSide(section, step) {
  const trace = section.querySelector(".trace");
  const items = [...trace.children];
  const current = items.filter((item) => number(item) <= step).at(-1);
  for (const item of items) item.removeAttribute("aria-current");
  if (!current) return "";
  current.setAttribute("aria-current", "step");
  trace.scrollTop = current.offsetTop - trace.clientHeight / 3;
  showState(section, current);
  return current.querySelector("code").textContent.trim();
}

function show(article, position) {
  const steps = stepsOf(article);
  const step = steps[position];
  at.set(article, position);
  const [before, after] = [...article.querySelectorAll(".sides section")].map((section) => showSide(section, step));
  const parts = step === Number(article.dataset.parting) ? ", the runs part here" : "";
  article.querySelector("input").value = position;
  const output = article.querySelector("output");
  output.textContent = `step ${step + 1} of ${steps.at(-1) + 1}${parts}`;
  output.setAttribute("aria-label", `${output.textContent}. Before: ${before}. After: ${after}`);
}

const moves = {
  first: () => 0,
  back: (article) => Math.max(0, at.get(article) - 1),
  next: (article) => Math.min(stepsOf(article).length - 1, at.get(article) + 1),
  parting: (article) => Math.max(0, stepsOf(article).findLastIndex((step) => step <= Number(article.dataset.parting))),
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

for (const article of document.querySelectorAll("article[data-parting]")) {
  const slider = article.querySelector("input");
  slider.max = stepsOf(article).length - 1;
  slider.addEventListener("input", () => show(article, Number(slider.value)));
  for (const part of article.querySelectorAll(".controls, .state")) part.hidden = false;
  for (const button of article.querySelectorAll("button")) {
    button.addEventListener("click", () => show(article, moves[button.dataset.move](article)));
  }
  article.addEventListener("keydown", (event) => {
    const name = keys[event.key];
    if (!name || event.target === slider || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(article, moves[name](article));
  });
  show(article, moves.parting(article));
}
document.body.classList.add("stepping");
