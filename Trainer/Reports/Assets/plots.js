"use strict";

function drawCurves(id, description, history, trainKey, validationKey, scale, tooltip) {
  const line = (label, key, paint) => ({
    label, paint, data: history.map(epoch => Number(epoch[key])), borderWidth: 2, tension: 0.2,
    pointRadius: history.length > 40 ? 0 : 2.5,
  });
  draw(id, description, {
    type: "line",
    data: {
      labels: history.map(epoch => epoch.epoch),
      datasets: [line("Training", trainKey, "second"), line("Validation", validationKey, "first")],
    },
    options: { scales: { x: axis("Epoch", { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 16 } }), y: scale }, plugins: { tooltip } },
  });
}

function drawTraining(history) {
  drawCurves("loss", "Training and validation loss by epoch", history, "trainLoss", "validationLoss", axis("Cross-entropy (nats)"), {});
  drawCurves("accuracy", "Training and validation accuracy by epoch", history, "trainAccuracy", "validationAccuracy",
    axis("Accuracy", { ticks: percentTicks }), percentTooltip);
}

function drawClasses(perClass) {
  const bars = (label, key, paint) => ({ label, paint, data: perClass.map(metrics => metrics[key]), borderRadius: 3 });
  draw("classes", "Precision, recall and F1 of each class", {
    type: "bar",
    data: {
      labels: perClass.map(metrics => metrics.label),
      datasets: [bars("Precision", "precision", "first"), bars("Recall", "recall", "second"), bars("F1", "f1", "third")],
    },
    options: {
      indexAxis: "y",
      scales: {
        x: axis("", { min: 0, max: 1, ticks: percentTicks, title: { display: false } }),
        y: axis("", { grid: { display: false }, title: { display: false } }),
      },
      plugins: { tooltip: percentTooltip },
    },
  });
}

function drawCoverage(points) {
  draw("coverage", "Accuracy by coverage", {
    type: "line",
    data: {
      labels: points.map(point => percent(point.coverage)),
      datasets: [{ label: "Accuracy", paint: "first", data: points.map(point => point.accuracy), borderWidth: 2, pointRadius: 3, tension: 0.2 }],
    },
    options: {
      scales: {
        x: axis("Share of samples that are answered", { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 12 } }),
        y: axis("Accuracy of the answers", { ticks: percentTicks }),
      },
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: { ...percentTooltip.callbacks, footer: items => `from ${percent(points[items[0].dataIndex].threshold)} confidence on` } },
      },
    },
  });
}

function drawRobustness(figures, accuracy) {
  const corruptions = [...new Set(figures.map(figure => figure.corruption))];
  const bySeverity = (severity, paint) => {
    const ofSeverity = figures.filter(figure => figure.severity === severity);
    return {
      type: "bar", label: `Severity ${severity}`, paint, borderRadius: 3, parameters: ofSeverity.map(figure => figure.parameter),
      data: corruptions.map(name => ofSeverity.find(figure => figure.corruption === name).accuracy),
    };
  };
  const tooltip = { callbacks: { label: item => {
    const parameter = item.dataset.parameters?.[item.dataIndex];
    return `${item.dataset.label}${parameter ? `, ${parameter}` : ""}: ${percent(item.raw)}`;
  } } };
  draw("corruptions", "Accuracy under each corruption at three severities", {
    data: {
      labels: corruptions,
      datasets: [
        { type: "line", label: "As they are", paint: "muted", data: corruptions.map(() => accuracy), borderWidth: 2, borderDash: [6, 4], pointRadius: 0 },
        bySeverity(1, "third"), bySeverity(2, "second"), bySeverity(3, "wrong"),
      ],
    },
    options: {
      scales: { x: axis("", { grid: { display: false }, title: { display: false } }), y: axis("Accuracy", { min: 0, ticks: percentTicks }) },
      plugins: { tooltip },
    },
  });
}

function drawCalibration(bins) {
  const samples = bins.reduce((sum, bin) => sum + bin.count, 0);
  const labels = bins.map(bin => `${Math.round(bin.lower * 100)}–${Math.round(bin.upper * 100)} %`);
  const tooltip = { callbacks: { label: item => `${item.dataset.label}: ${percent(item.raw)}`, footer: items => `${bins[items[0].dataIndex].count} samples` } };
  const x = () => axis("Confidence", { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 12 } });
  draw("reliability", "Accuracy by confidence", {
    data: {
      labels,
      datasets: [
        { type: "line", label: "Mean confidence (the ideal)", paint: "second", borderWidth: 2, pointRadius: 3, spanGaps: true,
          data: bins.map(bin => bin.count ? bin.confidence : null) },
        { type: "bar", label: "Accuracy", paint: "first", data: bins.map(bin => bin.count ? bin.accuracy : null), barPercentage: 1, borderRadius: 3 },
      ],
    },
    options: { scales: { x: x(), y: axis("Accuracy", { min: 0, max: 1, ticks: percentTicks }) }, plugins: { tooltip } },
  });
  draw("confidence", "Share of samples by confidence", {
    type: "bar",
    data: { labels, datasets: [{ label: "Share of samples", paint: "third", data: bins.map(bin => bin.count / samples), barPercentage: 1, borderRadius: 3 }] },
    options: {
      scales: { x: x(), y: axis("Share of samples", { ticks: percentTicks }) },
      plugins: { tooltip, legend: { display: false } },
    },
  });
}
