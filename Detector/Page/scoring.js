// Chooses and shows where faces are scored: in the browser if possible, otherwise on the server.

import { LocalScorer, whyNotLocal } from './local-scorer.js';
import { ServerScorer } from './server-scorer.js';

export class Scoring {
  #info;
  #player;
  #$;
  #whyNot;
  #attempt = 0;

  constructor(info, player, $) {
    [this.#info, this.#player, this.#$] = [info, player, $];
    this.#whyNot = whyNotLocal(info);
  }

  get canScoreLocally() {
    return !this.#whyNot;
  }

  /** A sentence about where images are scored. */
  get sentence() {
    return this.#$('scoring').value === 'local'
      ? 'Images are scored in this browser and do not leave it.'
      : 'Images are sent to the server that this page came from, scored there, and not kept.';
  }

  start() {
    const select = this.#$('scoring');
    select.options[0].disabled = !!this.#whyNot;
    select.value = this.#whyNot ? 'server' : 'local';
    select.onchange = () => this.#choose();
    return this.#choose();
  }

  async #choose() {
    const attempt = ++this.#attempt;
    this.#player.scorer = null;
    const scorer = this.#$('scoring').value === 'local' ? await this.#openLocal() : new ServerScorer();
    if (attempt !== this.#attempt) {
      scorer?.close();
    } else if (scorer) {
      this.#player.scorer = scorer;
      this.#showState('ready', `Scored ${scorer.where}${this.#whyNot ? `. Not in this browser: ${this.#whyNot}` : ''}`);
    }
  }

  async #openLocal() {
    this.#showState('loading', 'Loading the model into this browser');
    this.#$('loading').hidden = false;
    try {
      return await LocalScorer.open(this.#info, (loaded, total) => this.#progress(loaded, total));
    } catch (error) {
      this.#whyNot = error.message;
      this.#$('scoring').value = 'server';
      return new ServerScorer();
    } finally {
      this.#$('loading').hidden = true;
    }
  }

  #progress(loaded, total) {
    const megabytes = bytes => (bytes / 1e6).toFixed(1);
    this.#$('progress').value = total ? loaded / total : 0;
    this.#$('loading').firstElementChild.textContent = loaded < total
      ? `Loading the model: ${megabytes(loaded)} of ${megabytes(total)} MB` : 'Starting the model';
  }

  #showState(state, text) {
    this.#$('where').dataset.state = state;
    this.#$('where').lastElementChild.textContent = text;
  }
}
