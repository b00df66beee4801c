// Opens one source at a time: the latest request wins, and whatever an earlier one still delivers is dropped.

export class Session {
  /** The user's file, if the current source is one; the server can read it too. */
  file = null;
  #player;
  #dispatch;
  #onOpen;
  #onSource;
  #mayDiscard;
  #attempt = 0;
  #again = null;
  #stop = null;

  /**
   * @param onOpen is called before a source is opened, when everything of the previous one goes
   * @param onSource receives the source that will be played, and its results if they exist already
   * @param mayDiscard resolves to whether the previous source, with what is unsaved of it, may go
   */
  constructor(player, dispatch, onOpen, onSource, mayDiscard) {
    [this.#player, this.#dispatch, this.#onOpen, this.#onSource, this.#mayDiscard] = [player, dispatch, onOpen, onSource, mayDiscard];
  }

  /**
   * @param what { name, isCamera, file }
   * @param open returns the source, or { source, recording } with the results that exist already; receives a signal
   */
  async open(what, open) {
    if (!await this.#mayDiscard()) {
      return;
    }

    const attempt = ++this.#attempt;
    this.#again = () => this.open(what, open);
    this.file = what.file ?? null;
    this.#player.close();
    this.#stop?.abort();
    this.#stop = new AbortController();
    this.#onOpen();
    this.#dispatch({ type: 'open', ...what });
    try {
      const opened = await open(this.#stop.signal);
      const { source, recording } = opened.source ? opened : { source: opened, recording: null };
      if (attempt === this.#attempt) {
        this.#onSource(source, recording);
        this.#player.play(source, recording);
      } else {
        source.close();
      }
    } catch (error) {
      if (attempt === this.#attempt) {
        this.#dispatch({ type: 'fail', words: error.message, actions: this.actionsOf(error) });
      }
    }
  }

  again() {
    this.#again?.();
  }

  close() {
    this.#attempt++;
    this.#stop?.abort();
    this.#player.close();
  }

  /** The actions that help against an error; the server can read only files. */
  actionsOf({ actions = ['again', 'file'] }) {
    return actions.filter(action => action !== 'upload' || this.file);
  }
}
