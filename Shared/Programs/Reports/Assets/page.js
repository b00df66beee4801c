"use strict";

const page = JSON.parse(document.getElementById("data").textContent);

function percent(share) {
  return `${(share * 100).toFixed(1)}\u00a0%`;
}

// All text goes through textContent, so a file's name is never read as markup.
function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

function row(...cells) {
  return element("tr", "", ...cells);
}

function show(id) {
  const section = document.getElementById(id);
  section.hidden = false;
  return section;
}
