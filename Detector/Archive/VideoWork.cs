using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Archive;

/// <summary>Processes parts of an archive that are one video each, as the Detector processes a file. Thread-safe.</summary>
internal sealed class VideoWork(DetectorOptions options, IEmotionModel model, RunProgress progress)
{
    public void Do(ArchivePart part, FaceTableWriter table, CancellationToken stop)
    {
        ArchiveInput input = part.Inputs[0];
        var outcome = new InputRecord(input.Name, 0, 0, 0);
        try
        {
            using IFrameSource source = FrameSources.Open(input.Path, progress.Warn, options.Loop, stop: stop);
            if (source.IsLive)
            {
                throw new InvalidDataException("a live stream, which has no end; name a recording");
            }

            using RunProgress.InputProgress frames = progress.Begin(source, options);
            var sink = new Sink((frame, result) =>
            {
                FrameResult named = result with { Source = input.Name };
                table.Add(named);
                outcome = outcome.With(named);
                frames.Write(frame, named);
            });
            InputRun.Run(options, source, model, sink, progress.Warn, stop);
            stop.ThrowIfCancellationRequested();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            outcome = InputRecord.Failed(outcome, e);
        }

        table.Done(outcome);
        progress.Done(outcome);
    }

    private sealed class Sink(Action<Frame, FrameResult> write) : IFrameSink
    {
        public bool Write(Frame frame, FrameResult result)
        {
            write(frame, result);
            return true;
        }
    }
}
