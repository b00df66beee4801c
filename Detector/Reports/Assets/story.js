"use strict";

const { story, labels, colors } = page;
const rowHeight = 30;

colors.forEach((color, answer) => document.documentElement.style.setProperty(`--answer-${answer}`, color));

function seconds(value) {
  const whole = Math.floor(value / 60);
  return whole ? `${whole}:${(value % 60).toFixed(1).padStart(4, "0")}` : `${value.toFixed(1)} s`;
}

function total(times) {
  return times.reduce((sum, time) => sum + time, 0);
}

function writeSummary() {
  document.getElementById("summary").textContent =
    `${story.frames.toLocaleString("en")} frames, ${seconds(story.seconds)}, ${story.faces.toLocaleString("en")} faces followed`;
  document.getElementById("timeline-note").textContent = story.tracks.length === 0 ? "No face was found."
    : story.tracks.length < story.faces ? `The ${story.tracks.length} faces that were seen longest.` : "";
}

function drawTimeline() {
  document.getElementById("timeline-plot").style.height = `${Math.max(1, story.tracks.length) * rowHeight + 90}px`;
  const datasets = labels.map((label, answer) => ({
    label, paint: `answer-${answer}`, grouped: false, barPercentage: 0.9, categoryPercentage: 0.9,
    data: story.tracks.flatMap(track => track.segments.filter(segment => segment.answer === answer)
      .map(segment => ({ x: [segment.start, segment.end], y: `Face ${track.trackId}` }))),
  }));
  draw("timeline", "Each face's emotions over time", {
    type: "bar",
    data: { labels: story.tracks.map(track => `Face ${track.trackId}`), datasets: datasets.filter(dataset => dataset.data.length) },
    options: {
      indexAxis: "y",
      interaction: { mode: "nearest", intersect: true },
      scales: {
        x: axis("", { min: 0, max: story.seconds, title: { display: false }, ticks: { maxRotation: 0, callback: value => seconds(value) } }),
        y: axis("", { grid: { display: false }, title: { display: false }, ticks: { autoSkip: false } }),
      },
      plugins: { tooltip: { callbacks: { label: item => `${item.dataset.label}: ${seconds(item.raw.x[0])} to ${seconds(item.raw.x[1])}` } } },
    },
  });
}

function drawShares() {
  const all = total(story.secondsByAnswer);
  draw("shares", "Share of time of each emotion", {
    type: "bar",
    data: {
      labels,
      datasets: labels.map((label, answer) => ({
        label, paint: `answer-${answer}`, grouped: false, borderRadius: 3,
        data: labels.map((_, other) => (other === answer && all ? story.secondsByAnswer[answer] / all : null)),
      })),
    },
    options: {
      indexAxis: "y",
      interaction: { mode: "nearest", intersect: true },
      scales: {
        x: axis("", { min: 0, ticks: percentTicks, title: { display: false } }),
        y: axis("", { grid: { display: false }, title: { display: false }, ticks: { autoSkip: false } }),
      },
      plugins: { legend: { display: false }, tooltip: percentTooltip },
    },
  });
}

function writeShares() {
  const shown = labels.map((_, answer) => answer).filter(answer => story.secondsByAnswer[answer] > 0);
  const rows = story.tracks.map(track => row(
    element("th", "", `Face ${track.trackId}`), element("td", "", seconds(total(track.secondsByAnswer))),
    ...shown.map(answer => element("td", "", percent(track.secondsByAnswer[answer] / total(track.secondsByAnswer))))));
  document.getElementById("share-table").append(
    element("thead", "", row(element("th", "", ""), element("th", "", "Seen"), ...shown.map(answer => element("th", "", labels[answer])))),
    element("tbody", "", ...rows));
}

function writeBest() {
  document.getElementById("best").append(...story.best.map(moment => {
    const caption = element("figcaption", "", element("strong", "", `${labels[moment.answer]} ${percent(moment.probability)}`),
      element("span", "source muted", `at ${seconds(moment.seconds)}, face ${moment.trackId}`));
    const card = element("figure", "card", caption);
    card.style.borderTop = `4px solid ${colors[moment.answer]}`;
    if (moment.jpeg) {
      const image = element("img", "");
      image.src = `data:image/jpeg;base64,${moment.jpeg}`;
      image.alt = `The face at its surest ${labels[moment.answer]}`;
      card.prepend(image);
    }

    return card;
  }));
}

setUpCharts();
writeSummary();
drawTimeline();
drawShares();
writeShares();
writeBest();
