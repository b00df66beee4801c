"use strict";

const { report, labels } = page;
const evaluation = report.evaluation;

function calibrationNote() {
  const crossFitted = evaluation.calibration?.expectedCalibrationErrorCrossFitted;
  return crossFitted == null ? "expected (15 bins), 0 is perfect" : `expected; ${percent(crossFitted)} on images not fitted on`;
}

function writeFigures() {
  const [lower, upper] = evaluation.confidenceInterval95;
  const unreadable = evaluation.unreadable ? `, ${evaluation.unreadable} unreadable` : "";
  document.getElementById("summary").textContent = `Evaluated on ${evaluation.samples.toLocaleString("en")} samples${unreadable}`;
  const figures = [
    ["Accuracy", percent(evaluation.accuracy), `95 % interval ${percent(lower)} to ${percent(upper)}`],
    ["Macro F1", percent(evaluation.macroF1), "mean over the classes"],
    ["Calibration error", percent(evaluation.expectedCalibrationError), calibrationNote()],
    ["Log loss", page.logLoss.toFixed(3), "nats, guessing has 1.946"],
  ];
  document.getElementById("figures").append(...figures.map(([name, value, note]) =>
    element("dl", "card", element("dt", "", name), element("dd", "value", value), element("dd", "note", note))));
}

function writeTraining(history) {
  if (history.length === 0) {
    return;
  }

  show("training");
  const best = history.reduce((a, b) => (b.validationAccuracy > a.validationAccuracy ? b : a));
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const throughput = history.reduce((sum, epoch) => sum + epoch.imagesPerSecond, 0) / history.length;
  const time = seconds < 120 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;
  const summary = [`${history.length} epochs in ${time}`, `${Math.round(throughput).toLocaleString("en")} images/s`];
  if (Number.isFinite(best.validationAccuracy)) {
    summary.push(`best validation accuracy ${percent(best.validationAccuracy)} in epoch ${best.epoch}`);
  }

  document.getElementById("training-summary").textContent = summary.join(" · ");
  drawTraining(history);
}

function writeConfusion() {
  const header = row(element("td", "corner"), ...labels.map(label => element("th", "", label)));
  const rows = evaluation.confusionMatrix.map((counts, truth) => {
    const support = counts.reduce((sum, count) => sum + count, 0);
    return row(element("th", "", labels[truth]), ...counts.map((count, predicted) => {
      const share = support ? count / support : 0;
      const cell = element("td", truth === predicted ? "right" : "", `${count}`, element("small", "", percent(share)));
      cell.style.setProperty("--share", share);
      cell.title = `${labels[truth]} predicted as ${labels[predicted]}: ${count} of ${support}`;
      return cell;
    }));
  });
  document.getElementById("confusion").append(element("thead", "", header), element("tbody", "", ...rows));
}

function fillTable(table, names, rows) {
  table.append(
    element("thead", "", row(...names.map(name => element("th", "", name)))),
    element("tbody", "", ...rows.map(([name, ...values]) => row(element("th", "", name), ...values.map(value => element("td", "", value))))));
}

function writeClasses() {
  fillTable(document.getElementById("class-table"), ["Class", "Precision", "Recall", "F1", "Support"], evaluation.perClass.map(metrics =>
    [metrics.label, percent(metrics.precision), percent(metrics.recall), percent(metrics.f1), metrics.support.toLocaleString("en")]));
}

function writeCoverage(points) {
  drawCoverage(points);
  fillTable(document.getElementById("coverage-table"), ["Answered", "From confidence", "Accuracy", "Samples"], points.map(point =>
    [percent(point.coverage), percent(point.threshold), percent(point.accuracy), point.samples.toLocaleString("en")]));
}

function writeDuplicates(duplicates) {
  if (!duplicates) {
    return;
  }

  const found = duplicates.identical + duplicates.nearlyIdentical;
  const share = value => value === undefined || value === null ? "–" : percent(value);
  fillTable(show("duplicates").querySelector("table"), ["Images", "Number", "Accuracy"], [
    ["All", evaluation.samples.toLocaleString("en"), percent(evaluation.accuracy)],
    [`With a duplicate (${duplicates.identical} identical, ${duplicates.nearlyIdentical} nearly)`, found.toLocaleString("en"), share(duplicates.accuracyOfDuplicates)],
    ["Without", duplicates.samplesWithout.toLocaleString("en"), share(duplicates.accuracyWithout)],
  ]);
}

function writeRobustness(figures) {
  if (!figures) {
    return;
  }

  const table = show("robustness").querySelector("table");
  drawRobustness(figures, evaluation.accuracy);
  const cell = figure => `${percent(figure.accuracy)} (${figure.parameter})`;
  const names = [...new Set(figures.map(figure => figure.corruption))];
  fillTable(table, ["Corruption", "Severity 1", "Severity 2", "Severity 3"],
    names.map(name => [name, ...figures.filter(figure => figure.corruption === name).map(cell)]));
}

function writeMaps(maps) {
  if (maps.length === 0) {
    return;
  }

  const pair = ({ face, png }) => {
    const original = picture(face);
    const map = picture({ ...face, png });
    return element("figure", face.predicted === face.label ? "map" : "map wrong", original, map);
  };
  show("maps").querySelector(".rows").append(...labels.map((label, index) => element("div", "", element("strong", "", label),
    element("div", "strip maps", ...maps.filter(map => map.face.label === index).map(pair)))));
}

function picture(face) {
  const image = element("img", face.predicted === face.label ? "" : "wrong");
  image.src = `data:image/png;base64,${face.png}`;
  image.alt = `A face labelled ${labels[face.label]}`;
  image.title = `${face.source}: labelled ${labels[face.label]}, predicted ${labels[face.predicted]} (${percent(face.probability)})`;
  return image;
}

function writeMistakes(mistakes) {
  if (mistakes.length === 0) {
    return;
  }

  show("mistakes").querySelector(".faces").append(...mistakes.map(face => element("figure", "card", picture(face),
    element("figcaption", "", element("span", "predicted", `${labels[face.predicted]} ${percent(face.probability)}`),
      `labelled ${labels[face.label]}`, element("span", "source muted", face.source)))));
}

function writeSamples(samples) {
  if (samples.length === 0) {
    return;
  }

  show("samples").querySelector(".rows").append(...labels.map((label, index) => element("div", "", element("strong", "", label),
    element("div", "strip", ...samples.filter(face => face.label === index).map(picture)))));
}

function writeSettings(settings) {
  if (settings.length === 0) {
    return;
  }

  show("settings").querySelector("table").append(element("tbody", "", ...settings.map(({ key, value }) =>
    row(element("th", "", key), element("td", "", value)))));
}

setUpCharts();
writeFigures();
writeTraining(report.history);
writeConfusion();
writeClasses();
drawClasses(evaluation.perClass);
drawCalibration(page.reliabilityBins);
writeCoverage(evaluation.coverage);
writeDuplicates(evaluation.duplicates);
writeRobustness(evaluation.robustness);
writeMaps(report.maps);
writeMistakes(report.mistakes);
writeSamples(report.samples);
writeSettings(report.settings);
