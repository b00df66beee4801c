// Chooses and shows where faces are scored: in the browser if possible, otherwise on the server.

import { $ } from './dom.js';
import { LocalScorer, whyNotLocal } from './local-scorer.js';
import { ServerScorer } from './server-scorer.js';

export class Scoring {
  #info;
  #player;
  #whyNot;
  #attempt = 0;

  constructor(info, player) {
    [this.#info, this.#player] = [info, player];
    this.#whyNot = whyNotLocal(info);
  }

  get canScoreLocally() {
    return !this.#whyNot;
  }

  /** A sentence about where images are scored. */
  get sentence() {
    return $('scoring').value === 'local'
      ? 'Images are scored in this browser and do not leave it.'
      : 'Images are sent to the server that this page came from, scored there, and not kept.';
  }

  start() {
    const select = $('scoring');
    select.options[0].disabled = !!this.#whyNot;
    select.value = this.#whyNot ? 'server' : 'local';
    select.onchange = () => this.#choose();
    return this.#choose();
  }

  async #choose() {
    const attempt = ++this.#attempt;
    this.#player.scorer = null;
    const scorer = $('scoring').value === 'local' ? await this.#openLocal() : new ServerScorer();
    if (attempt !== this.#attempt) {
      scorer?.close();
    } else if (scorer) {
      this.#player.scorer = scorer;
      this.#showState('ready', `Scored ${scorer.where}${this.#whyNot ? `. Not in this browser: ${this.#whyNot}` : ''}`);
    }
  }

  async #openLocal() {
    this.#showState('loading', 'Loading the model into this browser');
    $('loading').hidden = false;
    try {
      return await LocalScorer.open(this.#info, (loaded, total) => this.#progress(loaded, total));
    } catch (error) {
      this.#whyNot = error.message;
      $('scoring').value = 'server';
      return new ServerScorer();
    } finally {
      $('loading').hidden = true;
    }
  }

  #progress(loaded, total) {
    const megabytes = bytes => (bytes / 1e6).toFixed(1);
    $('progress').value = total ? loaded / total : 0;
    $('loading').firstElementChild.textContent = loaded < total
      ? `Loading the model: ${megabytes(loaded)} of ${megabytes(total)} MB` : 'Starting the model';
  }

  #showState(state, text) {
    $('where').dataset.state = state;
    $('where').lastElementChild.textContent = text;
  }
}
