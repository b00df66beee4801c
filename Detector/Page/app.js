// The page's entry point: connects the controls with the player, the stage and the timeline.

import { Announcer, describe } from './announcer.js';
import { download, toCsv, toJsonLines } from './events.js';
import { confirmNotice } from './notice.js';
import { Player } from './player.js';
import { Scoring } from './scoring.js';
import { cameras, openCamera, openFile, openVideo } from './sources.js';
import { Stage } from './stage.js';
import { Timeline } from './timeline.js';

const TEXT_EVERY_MS = 250;

const hiddenMessage = 'The camera was stopped, because this page was hidden. Start it again when you are ready.';
const detectorNames = { yunet: 'the YuNet network', haar: 'a Haar cascade', lbp: 'an LBP cascade' };

const $ = id => document.getElementById(id);
const info = await model();
const emotions = info.emotions.map(({ name }) => name);
const stage = new Stage($('image'), info.emotions);
const announcer = new Announcer($('announcer'));
const timeline = new Timeline($('faces'), $('rest'), info.emotions, face => stage.colorOf(face), seek);
const player = new Player(info.uncertainBelow, onFrame, showMessage);
const scoring = new Scoring(info, player, $, showMessage);
let textAt = 0;
let wasPlaying = false;

function onFrame(frame) {
  $('hint').hidden = true;
  stage.show(frame);
  announcer.update(frame.faces);
  const now = performance.now();
  if (now - textAt < TEXT_EVERY_MS && !player.source.isPaused) {
    return;
  }

  textAt = now;
  const { recording } = player;
  timeline.draw(recording, frame.timeMs, frame.faces);
  $('no-faces').hidden = recording.faceCount > 0;
  $('image').setAttribute('aria-label', describe(frame.faces));
  $('rate').textContent = player.source.isPaused ? '–' : frame.rate.toFixed(frame.rate < 10 ? 1 : 0);
  $('latency').textContent = `${Math.round(frame.latencyMs)} ms`;
  $('count').textContent = `${recording.faceCount.toLocaleString('en')} events`;
  $('jsonl').disabled = $('csv').disabled = recording.faceCount === 0;
  showMoment(frame.timeMs);
}

async function start(open) {
  showMessage(null);
  close();
  try {
    const source = await open();
    stage.clear();
    timeline.clear();
    play(source);
  } catch (error) {
    showMessage(error.message);
  }
}

function play(source) {
  source.onToggle = showPause;
  player.play(source);
  $('stage').dataset.state = 'playing';
  $('live').hidden = $('stop').hidden = !source.isCamera;
  $('scrubber').hidden = !source.durationMs;
  $('moment').max = source.durationMs ?? 0;
  $('moment').value = 0;
  $('mirror').checked = stage.mirror = !!source.isCamera && source.track.getSettings().facingMode !== 'environment';
  $('pause').disabled = true; // until the source plays
}

function close() {
  player.close();
  $('live').hidden = $('stop').hidden = true;
  $('pause').disabled = true;
}

async function startCamera(deviceId) {
  if (await confirmNotice($('notice'), scoring.sentence)) {
    await start(async () => {
      const source = await openCamera(deviceId);
      if (document.hidden) {
        source.close();
        throw new Error(hiddenMessage);
      }

      source.track.onended = () => stopCamera('The camera is gone. Plug it in again, then start it.');
      return source;
    });
    await listCameras();
  }
}

function stopCamera(message) {
  close();
  showMessage(message);
}

async function listCameras() {
  const list = await cameras();
  const select = $('cameras').querySelector('select');
  select.replaceChildren(...list.map(({ deviceId, label }, i) =>
    new Option(label || `Camera ${i + 1}`, deviceId, false, deviceId === player.source?.deviceId)));
  $('cameras').hidden = list.length < 2;
}

function togglePause() {
  const { source } = player;
  if (source?.play) {
    source.isPaused ? source.play() : source.pause();
  }
}

function showPause() {
  const { source } = player;
  $('pause').disabled = !source?.play;
  $('pause').textContent = source?.play && source.isPaused ? 'Start' : 'Pause';
  if (source?.isPaused) {
    $('rate').textContent = '–';
  }
}

function seek(timeMs) {
  player.source?.seek(timeMs);
}

function showMoment(timeMs) {
  const { durationMs } = player.recording;
  const clock = ms => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;
  $('moment').value = timeMs;
  $('moment').setAttribute('aria-valuetext', clock(timeMs));
  $('clock').textContent = durationMs ? `${clock(timeMs)} / ${clock(durationMs)}` : '';
}

function showMessage(text) {
  $('message').textContent = text ?? '';
  $('message').hidden = !text;
}

function save(ending, type, text) {
  const name = player.recording.name.replace(/\.[^.]*$/, '').replace(/[^\p{L}\p{N}._-]+/gu, '-') || 'events';
  download(`${name}.${ending}`, type, text);
}

function addDrop() {
  const { body } = document;
  const files = event => event.dataTransfer?.types.includes('Files');
  body.ondragover = event => files(event) && (event.preventDefault(), $('drop').hidden = false);
  body.ondragleave = event => { $('drop').hidden = !!event.relatedTarget; };
  body.ondrop = event => {
    event.preventDefault();
    $('drop').hidden = true;
    const [file] = event.dataTransfer.files;
    file && start(() => openFile(file));
  };
}

function addKeys() {
  const toggles = { m: 'mirror', b: 'bars', x: 'blur' };
  $('stage').onkeydown = event => {
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }

    if (event.key === ' ') {
      event.preventDefault();
      togglePause();
    } else if (toggles[event.key]) {
      $(toggles[event.key]).click();
    }
  };
}

// A hidden page scores nothing: a camera is stopped, a video is paused.
function onVisibility() {
  const { source } = player;
  if (document.hidden && source?.isCamera) {
    stopCamera(hiddenMessage);
  } else if (document.hidden) {
    wasPlaying = !!source?.play && !source.isPaused;
    source?.pause?.();
  } else if (wasPlaying) {
    source?.play?.();
  }
}

function connect() {
  $('camera').onclick = () => startCamera(null);
  $('cameras').onchange = event => startCamera(event.target.value);
  $('open').onclick = () => $('file').click();
  $('file').onchange = ({ target }) => {
    const [file] = target.files;
    target.value = '';
    file && start(() => openFile(file));
  };
  $('demo').onclick = startDemo;
  $('pause').onclick = togglePause;
  $('stop').onclick = () => stopCamera(null);
  $('moment').oninput = ({ target }) => seek(Number(target.value));
  for (const name of ['mirror', 'blur', 'bars']) {
    $(name).onchange = ({ target }) => { stage[name] = target.checked; stage.draw(); };
  }

  $('jsonl').onclick = () => save('jsonl', 'application/x-ndjson', toJsonLines(player.recording));
  $('csv').onclick = () => save('csv', 'text/csv', toCsv(player.recording, emotions));
  document.addEventListener('visibilitychange', onVisibility);
  window.addEventListener('pagehide', close);
  navigator.mediaDevices?.addEventListener('devicechange', listCameras);
}

const startDemo = () => start(() => openVideo('demo.webm', 'demo', true));

async function model() {
  const response = await fetch('api/model');
  if (!response.ok) {
    showMessage(`The server answers ${response.status}. Open the page again, with its token if it has one.`);
    throw new Error(`api/model: ${response.status}`);
  }

  return response.json();
}

function describeModel() {
  $('legend').replaceChildren(...info.emotions.map(({ name, color }) => {
    const item = document.createElement('li');
    item.innerHTML = '<i></i>';
    item.firstChild.style.background = color;
    item.append(name);
    return item;
  }));
  const { voteAgreement, validationAccuracy } = info.figures;
  const whom = voteAgreement ? 'it says what most people say' : "it agrees with people's labels";
  const quality = validationAccuracy
    ? ` On faces that it had not seen, ${whom} in ${Math.round(100 * (voteAgreement ?? validationAccuracy))} of 100 cases.` : '';
  const hash = info.sha256 ? ` (SHA-256 ${info.sha256.slice(0, 12)}…)` : '';
  $('model').textContent = `Model: ${info.name}${hash}. Faces are found by ${detectorNames[info.faceDetector.name] ?? info.faceDetector.name}.${quality}`;
}

describeModel();
addDrop();
addKeys();
connect();
scoring.start();
if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
  startDemo();
}
