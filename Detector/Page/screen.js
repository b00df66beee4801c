// Shows a view of the state (state.js): the stage's words and actions, the buttons, the figures and the status dot.

import { $, create } from './dom.js';
import { actionLabels } from './state.js';

export class Screen {
  #act;
  #durationMs = null;
  #view = null;

  /** @param act receives the name of an action that the user chose */
  constructor(act) {
    this.#act = act;
  }

  show(view) {
    this.#view = view;
    const stage = $('stage');
    stage.dataset.state = view.kind;
    stage.classList.toggle('pictured', view.hasImage);
    stage.setAttribute('aria-busy', view.isBusy);
    this.#text($('lead'), view.lead);
    this.#text($('hint'), view.hint);
    $('panel').hidden = !view.lead && !view.words;
    this.#text($('message'), view.words);
    $('work').hidden = view.share === null;
    $('work').value = view.share ?? 0;
    this.#showActions(view.actions);
    $('live').hidden = !view.isLive;
    $('stop').hidden = !view.canStop;
    for (const id of ['camera', 'open', 'demo']) {
      $(id).setAttribute('aria-pressed', view.source === id);
    }

    $('pause').textContent = view.pauseLabel;
    $('pause').disabled = !view.canPause;
    if (!view.hasRate) {
      $('rate').textContent = '–';
    }

    if (!view.hasLatency) {
      $('latency').textContent = '–';
    }

    this.#hideEmptyFigures();
    $('where').dataset.connection = view.kind === 'offline' ? 'lost' : '';
    this.#showScrubber();
  }

  /** @param durationMs of the source; null for a camera, 0 for a still image */
  setDuration(durationMs) {
    this.#durationMs = durationMs;
    $('moment').max = durationMs ?? 0;
    this.showMoment(0);
    this.#showScrubber();
  }

  /** @param detail the faces' answers, as text for screen readers */
  showMoment(timeMs, detail = '') {
    const moment = $('moment');
    moment.value = timeMs;
    moment.setAttribute('aria-valuetext', `${clockOf(timeMs)}${detail && `: ${detail}`}`);
    $('clock').textContent = this.#durationMs ? `${clockOf(timeMs)} / ${clockOf(this.#durationMs)}` : '';
  }

  showFigures({ rate, latencyMs }) {
    const { hasRate, hasLatency } = this.#view;
    $('rate').textContent = hasRate && rate !== null ? rate.toFixed(rate < 10 ? 1 : 0) : '–';
    $('latency').textContent = hasLatency && latencyMs !== null ? `${Math.round(latencyMs)} ms` : '–';
    this.#hideEmptyFigures();
  }

  #hideEmptyFigures() {
    const isEmpty = id => $(id).textContent === '–';
    $('figures').classList.toggle('empty', isEmpty('rate') && isEmpty('latency'));
  }

  #showScrubber() {
    $('scrubber').hidden = !this.#durationMs || !this.#view?.canSeek;
  }

  #showActions(actions) {
    const box = $('actions');
    const known = [...box.children].map(({ dataset }) => dataset.action);
    if (known.join() === actions.join()) {
      return; // a button keeps its focus
    }

    box.hidden = actions.length === 0;
    box.replaceChildren(...actions.map((action, i) => {
      const button = create('button', { type: 'button', textContent: actionLabels[action], className: i === 0 ? 'primary' : '' });
      button.dataset.action = action;
      button.onclick = () => this.#act(action);
      return button;
    }));
  }

  // Unchanged text is left alone, so that it is announced once.
  #text(element, text) {
    if (element.textContent !== text) {
      element.textContent = text;
    }

    element.hidden = !text;
  }
}

/** Minutes and seconds. */
export const clockOf = ms => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

/** Minutes, seconds and tenths. */
export const momentOf = ms => `${clockOf(ms)}.${Math.floor(ms / 100) % 10}`;
