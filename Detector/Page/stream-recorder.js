// Records a stream of images as a video, in the format that the browser writes.

/** Returns the recorder, not yet started, the parts that it fills, and the file's ending. */
export function recordStream(stream) {
  const ending = MediaRecorder.isTypeSupported('video/webm') ? 'webm' : 'mp4';
  const recorder = new MediaRecorder(stream, { mimeType: `video/${ending}` });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  return { recorder, parts, ending };
}
