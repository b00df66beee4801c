// A second coder's corrections beside the first one's, and their agreement.

import { $, create, say } from '../dom.js';
import { Corrections, parseCorrections } from './corrections.js';
import { compare, kappaOf } from './kappa.js';
import { openSession } from './session-file.js';

export class Agreement {
  #emotions;
  #onChange;
  #recording = null;
  #first = null;
  #second = null; // the corrections of another file

  /** @param onChange is called when the other coder changes */
  constructor(emotions, onChange) {
    [this.#emotions, this.#onChange] = [emotions, onChange];
    $('second').onclick = () => $('second-file').click();
    $('second-file').onchange = async ({ target }) => {
      const [file] = target.files;
      target.value = '';
      if (file) {
        await this.#openFile(file);
      }
    };
    $('other-coder').onchange = () => this.update();
  }

  open(recording, corrections) {
    if (recording !== this.#recording) {
      this.#second = null;
      say('agreement-words', '');
    }

    [this.#recording, this.#first] = [recording, corrections];
    this.update();
  }

  /** The other coder's spans of a face. */
  spansOf(face) {
    const other = this.#other;
    return other ? other.corrections.spansOf(other.coder, face) : [];
  }

  /** Counts again. */
  update() {
    const before = $('other-coder').value;
    const choices = this.#choices;
    $('other-coder').replaceChildren(...choices.map(({ label }) => new Option(label)));
    $('other-coder').value = choices.some(({ label }) => label === before) ? before : choices[0]?.label ?? '';
    $('other').hidden = choices.length === 0;
    $('agreement').hidden = choices.length === 0;
    if (choices.length) {
      this.#fill();
    }

    this.#onChange();
  }

  get #choices() {
    const mine = $('coder').value;
    return [
      ...this.#first.coders.filter(coder => coder !== mine).map(coder => ({ coder, label: coder, corrections: this.#first })),
      ...(this.#second?.corrections.coders ?? []).map(coder => ({ coder, label: `${coder} (${this.#second.name})`, corrections: this.#second.corrections })),
    ];
  }

  get #other() {
    return this.#first ? this.#choices.find(({ label }) => label === $('other-coder').value) : null;
  }

  async #openFile(file) {
    const names = this.#emotions.map(({ name }) => name);
    try {
      const text = /\.zip$/i.test(file.name) ? (await openSession(file)).corrections : await file.text();
      const rows = parseCorrections(text, names, file.name);
      const strange = rows.find(({ face }) => !this.#recording.segments.has(face));
      if (rows.length === 0 || strange) {
        throw new Error(strange ? `${file.name}: a correction of face ${strange.face}, which this recording does not have: it belongs to another one.` : `${file.name} has no corrections.`);
      }

      this.#second = { name: file.name, corrections: new Corrections(names, rows) };
      say('agreement-words', '');
      this.update();
    } catch (error) {
      say('agreement-words', error.message);
    }
  }

  #fill() {
    const mine = $('coder').value;
    const { coder, label, corrections } = this.#other;
    const faces = this.#recording.trackIds.map(id => ({ times: this.#recording.timesOf(id), a: this.#first.spansOf(mine, id), b: corrections.spansOf(coder, id) }));
    const { counts, onlyOne } = compare(faces, this.#emotions.length);
    const all = kappaOf(counts);
    const number = value => value.toLocaleString('en');
    $('agreement-caption').textContent = `${mine} and ${label}: ${number(all.n)} frames that both coded. ${number(onlyOne)} that only one coded are left out.`;
    const rows = [['All', all], ...this.#emotions.map(({ name }, i) => [name, kappaOf(counts, i)])];
    $('agreement-rows').replaceChildren(...rows.map(([name, { agreement, kappa }]) => {
      const row = create('tr', { innerHTML: '<th scope="row"></th><td></td><td></td>' });
      [name, agreement === null ? '–' : `${(100 * agreement).toFixed(1)} %`, kappa === null ? '–' : kappa.toFixed(2)].forEach((text, i) => { row.children[i].textContent = text; });
      return row;
    }));
  }
}
