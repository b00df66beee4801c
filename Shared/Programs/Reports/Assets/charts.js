"use strict";

// Plots. Colours come from the style sheet, so that they follow it into dark mode and onto paper.
const charts = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function axis(title, overrides = {}) {
  return { title: { display: true, text: title }, ...overrides };
}

const percentTicks = { maxRotation: 0, maxTicksLimit: 6, callback: value => `${Math.round(value * 100)} %` };
const percentTooltip = { callbacks: { label: item => `${item.dataset.label}: ${percent(item.raw)}` } };

// Dataset colours are names of the style sheet's; paint() looks them up, now and whenever the style changes.
function draw(id, description, config) {
  const canvas = document.getElementById(id);
  canvas.setAttribute("aria-label", description);
  const chart = new Chart(canvas, config);
  charts.push(chart);
  paint(chart);
}

function paint(chart) {
  for (const dataset of chart.data.datasets) {
    dataset.borderColor = colour(dataset.paint);
    dataset.backgroundColor = colour(dataset.paint);
    dataset.pointBackgroundColor = colour(dataset.paint);
  }

  for (const scale of Object.values(chart.options.scales)) {
    scale.ticks.color = colour("muted");
    scale.title.color = colour("muted");
    scale.grid.color = colour("line");
  }

  chart.options.plugins.legend.labels.color = colour("ink");
  chart.update();
}

function setUpCharts() {
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.interaction = { mode: "index", intersect: false };
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.plugins.legend.position = "bottom";
  Chart.defaults.plugins.legend.labels.boxWidth = 12;
  Chart.defaults.plugins.legend.labels.boxHeight = 12;
  const repaint = () => charts.forEach(chart => { chart.resize(); paint(chart); });
  for (const medium of ["print", "(prefers-color-scheme: dark)"]) {
    matchMedia(medium).addEventListener("change", repaint);
  }
}
