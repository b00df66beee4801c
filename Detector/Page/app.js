// The page's entry point: connects the controls, the state, the player, the stage and the timeline.

import { Announcer, describe } from './announcer.js';
import { BaselineControl } from './baseline.js';
import { addDrop, addKeys, addVisibility } from './controls.js';
import { actOf } from './demo.js';
import { $, create } from './dom.js';
import { Exports } from './exports.js';
import { confirmNotice } from './notice.js';
import { Player } from './player.js';
import { Scoring } from './scoring.js';
import { Screen } from './screen.js';
import { Session } from './session.js';
import { Sessions } from './sessions/sessions.js';
import { readImage, readVideo, RecordedSource } from './server-videos.js';
import { cameras, openCamera, openFile, openVideo } from './sources.js';
import { Stage } from './stage.js';
import { Problem, reduce, view } from './state.js';
import { Timeline } from './timeline.js';

const TEXT_EVERY_MS = 250;

const hiddenMessage = 'It was stopped, because this page was hidden. Start it again when you are ready.';
const detectorNames = { yunet: 'the YuNet network', haar: 'a Haar cascade', lbp: 'an LBP cascade' };

const announcer = new Announcer($('announcer'));
const screen = new Screen(act);
const baseline = new BaselineControl($('neutral'));
let state = reduce();
let latest = null; // the frame shown
let textTimer = null;
let textAt = 0;
let facing = 'user';
let [info, stage, timeline, player, session, scoring, exports, sessions] = [];

function dispatch(event) {
  const before = state;
  state = reduce(state, event);
  if (Object.keys(state).every(key => String(state[key]) === String(before[key]))) {
    return;
  }

  screen.show(view(state));
  baseline.update(view(state).canPause, player?.recording?.isWhole);
  exports?.update(player.recording, state.kind);
  sessions?.update(view(state).isLive);
}

// Texts and strips change at most four times a second; the last frame is always shown in them.
function onFrame(frame) {
  const { source, recording } = player;
  const faces = frame.faces.map(face => ({ ...face, acts: source.name === 'demo' ? actOf(face, frame.timeMs, info.emotions) : null }));
  latest = { ...frame, faces };
  stage.show(latest);
  sessions.onFrame(latest, source.isCamera);
  dispatch({ type: 'frame', imageless: source.imageless, status: source.status, endWords: source.endWords, isStill: source.isStill, hasFaces: faces.length > 0, hasImage: frame.bitmap !== null });
  announcer.update(faces, source.status !== 'running');
  recording.frameMs = recording.isWhole ? recording.frameMs : source.frameMs ?? recording.frameMs;
  if (source.status !== 'running' || performance.now() - textAt >= TEXT_EVERY_MS) {
    showTexts();
  } else {
    textTimer ??= setTimeout(showTexts, 2 * TEXT_EVERY_MS); // unless another frame is due before
  }
}

function showTexts() {
  clearTimeout(textTimer);
  [textTimer, textAt] = [null, performance.now()];
  if (!latest) {
    return;
  }

  const { recording } = player;
  const { timeMs, faces } = latest;
  timeline.draw(recording, timeMs, faces);
  const hasFaces = recording.faceCount > 0;
  $('no-faces').hidden = hasFaces;
  if (!hasFaces) {
    $('no-faces').textContent = 'No face so far.';
  }

  $('image').setAttribute('aria-label', describe(faces));
  screen.showFigures(latest);
  screen.showMoment(timeMs, describe(faces));
  exports.update(recording, state.kind);
  exports.showFrame(recording.name, latest);
}

function clear() {
  latest = null;
  clearTimeout(textTimer);
  textTimer = null;
  stage.clear();
  announcer.clear();
  timeline.clear();
  $('no-faces').hidden = false;
  $('no-faces').textContent = 'Each face gets a card here: what it shows now, and over time.';
  $('image').setAttribute('aria-label', 'No image');
  player.recording = null;
  sessions.clear();
  exports.clear();
  screen.setDuration(null);
}

function onSource(source, recording) {
  sessions.file = session.file;
  sessions.onSource(source, recording);
  screen.setDuration(source.durationMs);
  facing = source.facingMode ?? facing;
  $('mirror').checked = stage.mirror = !!source.isCamera && source.facingMode !== 'environment';
  if (source.isStill) {
    dispatch({ type: 'wait', lead: `Looking for faces in ${source.name}`, isStill: true });
  }
}

const listener = {
  onFrame,
  onToggle: () => dispatch({ type: 'toggle', status: player.source.status, endWords: player.source.endWords }),
  onOffline: words => dispatch({ type: 'offline', words, actions: scoring.canScoreLocally ? ['scoreLocal'] : [] }),
  onWait: () => dispatch({ type: 'wait', lead: 'Changing where faces are scored' }),
  onFail: error => {
    const { source, recording } = player;
    const hasResults = recording.frames.length > 0;
    const keepsImage = hasResults && !source.isCamera;
    showTexts();
    player.close();
    dispatch({ type: 'fail', words: error.message, actions: session.actionsOf(error), keepsImage });
    if (!hasResults) {
      clear();
    } else if (!keepsImage) {
      stage.clear();
    }
  },
};

async function startCamera(wanted = { facingMode: facing }) {
  if (await confirmNotice($('notice'), scoring.sentence)) {
    await session.open({ name: 'camera', isCamera: true }, async () => {
      const source = await openCamera(wanted);
      if (document.hidden) {
        source.close();
        throw new Problem(`The camera: ${hiddenMessage}`, ['camera']);
      }

      source.track.onended = () => source === player.source && stopCamera('It is gone. Plug it in again, then start it.');
      return source;
    });
    await listCameras();
  }
}

function stopCamera(words) {
  showTexts();
  session.close();
  stage.clear();
  announcer.clear();
  latest = null;
  $('image').setAttribute('aria-label', 'No image');
  player.recording && timeline.draw(player.recording, player.recording.frames.at(-1)?.timeMs ?? 0, []);
  dispatch({ type: 'stop', words });
}

async function listCameras() {
  const list = await cameras();
  const select = $('cameras').querySelector('select');
  select.replaceChildren(...list.map(({ deviceId, label }, i) =>
    new Option(label || `Camera ${i + 1}`, deviceId, false, deviceId === player.source?.deviceId)));
  $('cameras').hidden = list.length < 2;
  $('flip').hidden = list.length < 2 || !player.source?.facingMode;
}

function openUserFiles(files) {
  const [file] = files;
  const opener = sessions.opener(files);
  return opener ? session.open({ name: opener.name }, opener.open) : session.open({ name: file.name, file }, () => openFile(file));
}

// From a moment at which each drawn face shows a clear expression.
const startDemo = () => session.open({ name: 'demo' }, () => openVideo('demo.webm#t=1.5', 'demo', true));

// Has the server read the whole file, and opens it with the results; without its image if this browser cannot show it.
async function openRead(file, signal) {
  const onProgress = (lead, share) => dispatch({ type: 'wait', lead, share, actions: ['cancel'] });
  const recording = file.type.startsWith('image/') ? await readImage(file, info.uncertainBelow, signal)
    : await readVideo(file, info.uncertainBelow, onProgress, signal);
  const source = await openFile(file).catch(() => new RecordedSource(recording));
  recording.durationMs = source.durationMs ??= recording.durationMs;
  return { source, recording };
}

async function scoreWhole() {
  const { file } = session;
  const { name } = player.recording;
  await session.open({ name, file }, async signal =>
    openRead(file ?? new File([await (await fetch('demo.webm')).blob()], name, { type: 'video/webm' }), signal));
}

function togglePause() {
  const { source } = player;
  if (source?.play && view(state).canPause) {
    source.isPaused ? source.play() : source.pause();
  }
}

const seek = timeMs => player.source?.seek?.(timeMs);

function light(trackId) {
  stage.light(trackId);
  timeline.light(trackId);
}

function score(where) {
  $('scoring').value = where;
  $('scoring').onchange();
  if (!player.source) {
    session.again();
  }
}

function cancel() {
  session.close();
  clear();
  dispatch({ type: 'cancel' });
}

function act(action) {
  const actions = {
    again: () => session.again(), file: () => $('file').click(), camera: () => startCamera(), demo: startDemo, reload: () => location.reload(),
    cancel, upload: () => session.open({ name: session.file.name, file: session.file }, signal => openRead(session.file, signal)),
    scoreServer: () => score('server'), scoreLocal: () => score('local'),
  };
  $('stage').focus({ preventScroll: true }); // the button goes
  actions[action]();
}

function connect() {
  $('camera').onclick = () => startCamera();
  $('flip').onclick = () => startCamera({ facingMode: facing === 'user' ? 'environment' : 'user' });
  $('cameras').onchange = ({ target }) => startCamera({ deviceId: { exact: target.value } });
  $('open').onclick = () => $('file').click();
  $('file').onchange = ({ target }) => {
    const files = [...target.files];
    target.value = '';
    files.length && openUserFiles(files);
  };
  $('demo').onclick = startDemo;
  $('whole').onclick = scoreWhole;
  $('pause').onclick = togglePause;
  $('stop').onclick = () => stopCamera('');
  $('moment').oninput = ({ target }) => seek(Number(target.value));
  for (const name of ['mirror', 'blur', 'bars']) {
    $(name).onchange = ({ target }) => { stage[name] = target.checked; player.everyFrame = stage.blur; stage.draw(); };
  }

  $('image').onpointermove = ({ offsetX, offsetY }) => light(stage.faceAt(offsetX, offsetY));
  $('image').onpointerleave = () => light(null);
  $('image').onclick = ({ offsetX, offsetY }) => timeline.open(stage.faceAt(offsetX, offsetY));
  $('more').onclick = () => $('more').setAttribute('aria-expanded', $('options').classList.toggle('open'));
  window.addEventListener('pagehide', () => session.close());
  navigator.mediaDevices?.addEventListener('devicechange', listCameras);
}

async function model() {
  const response = await fetch('api/model').catch(() => null);
  if (!response?.ok) {
    const { detail } = await response?.json().catch(() => ({})) ?? {};
    throw new Problem(!response ? 'The server does not answer. Is it still running?'
      : `The server answers ${response.status}${detail ? `: ${detail}` : ''}. Open the page again, with its token if it has one.`, ['reload']);
  }

  return response.json();
}

function describeModel() {
  $('legend').replaceChildren(...info.emotions.map(({ name, color }) => {
    const item = create('li', { innerHTML: '<i></i>' });
    item.firstChild.style.background = color;
    item.append(name);
    return item;
  }));
  const { voteAgreement, validationAccuracy } = info.figures;
  const whom = voteAgreement ? 'it says what most people say' : "it agrees with people's labels";
  const quality = validationAccuracy
    ? ` On its validation images, ${whom} in ${Math.round(100 * (voteAgreement ?? validationAccuracy))} of 100 cases.` : '';
  const hash = info.sha256 ? ` (SHA-256 ${info.sha256.slice(0, 12)}…)` : '';
  $('model').textContent = `Model: ${info.name}${hash}. Faces are found by ${detectorNames[info.faceDetector.name] ?? info.faceDetector.name}.${quality}`;
}

async function start() {
  screen.show(view(state));
  info = await model();
  stage = new Stage($('image'), info.emotions, info.uncertainColor);
  timeline = new Timeline(info.emotions, stage, seek, light);
  player = new Player(info.uncertainBelow, listener);
  player.limits = info.doubts;
  player.correct = (...face) => baseline.pass(...face);
  session = new Session(player, dispatch, clear, onSource, () => sessions.mayDiscard());
  sessions = new Sessions(info, player, stage, { seek, light, redraw: showTexts });
  scoring = new Scoring(info, player);
  exports = new Exports(info.emotions.map(({ name }) => name), player, stage);
  describeModel();
  addDrop(openUserFiles);
  addKeys(player, { togglePause, choose: trackId => timeline.open(trackId), onViewerKey: event => sessions.onKey(event) });
  addVisibility(player, () => stopCamera(hiddenMessage));
  connect();
  scoring.start();
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
    startDemo();
  }
}

start().catch(error => {
  $('where').dataset.state = 'failed';
  $('where').lastElementChild.textContent = 'Not started';
  ['camera', 'open', 'demo'].forEach(id => { $(id).disabled = true; });
  $('actions').onclick = () => location.reload();
  dispatch({ type: 'fail', words: error.message, actions: ['reload'] });
});
