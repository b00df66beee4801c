// The page's state: exactly one kind at a time. reduce() is the only way to change it, and everything the page shows follows from view().

/** idle, loading, running, paused, ended, failed, offline or cameraOff. */
const initial = { kind: 'idle', name: '', isCamera: false, isStill: false, hasImage: false, lead: '', words: '', actions: [], share: null };

/** The labels of the actions that a state may offer. */
export const actionLabels = {
  again: 'Try again', file: 'Choose another file', camera: 'Start the camera', demo: 'Watch the demo', upload: 'Let the server read it',
  scoreServer: 'Score on the server', scoreLocal: 'Score in this browser', reload: 'Load the page again', cancel: 'Cancel',
};

/** An error with the actions that help. */
export class Problem extends Error {
  constructor(message, actions = ['file', 'demo']) {
    super(message);
    this.actions = actions;
  }
}

const silent = { lead: '', words: '', actions: [], share: null };
const ending = words => words ? { words, actions: ['upload', 'file'] } : {};
const isOver = ({ kind }) => kind === 'idle' || kind === 'failed' || kind === 'cameraOff';

const steps = {
  /** Another source is opened: nothing of the previous one stays. */
  open: (_, { name, isCamera = false }) => ({ ...initial, kind: 'loading', name, isCamera, lead: isCamera ? 'Starting the camera' : `Opening ${name}` }),

  /** The source waits, for example for the model or for the server's work, of which a share may be done. */
  wait: (state, { lead, isStill = state.isStill, share = null, actions = [] }) =>
    isOver(state) ? state : { ...state, ...silent, kind: 'loading', isStill, lead, share, actions },

  cancel: () => initial,

  /** A frame was scored; status is the source's: running, paused or ended. */
  frame: (state, { status, endWords, isStill, hasFaces, hasImage, imageless }) => isOver(state) ? state : {
    ...state, ...silent, ...ending(endWords), kind: status, isStill, hasImage,
    ...(hasImage ? {} : imageless),
    ...(isStill && !hasFaces ? { lead: 'No face found', words: 'A face must be upright and not too small, with eyes and mouth visible.', actions: ['file', 'demo'] } : {}),
  },

  /** The source started to play, paused or ended. While it waits, only a pause counts: a browser may forbid autoplay. */
  toggle: (state, { status, endWords }) => !state.isStill && (['running', 'paused', 'ended'].includes(state.kind) || (state.kind === 'loading' && status === 'paused'))
    ? { ...state, ...silent, ...ending(endWords), kind: status } : state,

  /** The server does not answer; scoring is retried. */
  offline: (state, { words, actions }) => isOver(state) ? state : { ...state, kind: 'offline', lead: 'Waiting for the server', words, actions },

  /** The end of a source that cannot be continued; the last image may stay. */
  fail: (state, { words, actions, keepsImage = false }) =>
    ({ ...state, kind: 'failed', lead: '', words, actions, hasImage: keepsImage && state.hasImage }),

  /** The camera is off; its last image goes too. */
  stop: (state, { words }) => ({ ...initial, kind: 'cameraOff', name: state.name, lead: 'The camera is off', words: words ?? '', actions: ['camera', 'file', 'demo'] }),
};

export const reduce = (state, event) => state ? steps[event.type](state, event) : initial;

/** What the page shows in a state. */
export function view(state) {
  const { kind, isCamera, isStill, hasImage } = state;
  const isMoving = (kind === 'running' || kind === 'paused' || kind === 'ended') && !isStill;
  const lead = kind === 'idle' ? 'Which expression does a face show?' : state.lead;
  return {
    kind,
    hasImage,
    isBusy: kind === 'loading',
    lead,
    hint: kind === 'idle' ? 'Start the camera, drop a video or an image here, or watch the demo.' : '',
    words: state.words,
    actions: state.actions,
    share: state.share,
    isLive: isCamera && hasImage && kind !== 'failed',
    canStop: isCamera && kind !== 'failed' && kind !== 'idle',
    source: isOver(state) ? '' : isCamera ? 'camera' : state.name === 'demo' ? 'demo' : 'open',
    hasRate: kind === 'running',
    hasLatency: isMoving || (isStill && hasImage),
    pauseLabel: kind === 'paused' ? 'Start' : kind === 'ended' && !isStill ? 'Play again' : 'Pause',
    canPause: isMoving && hasImage,
    canSeek: isMoving || kind === 'offline' || (kind === 'loading' && hasImage),
  };
}
