using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs.Archive;

namespace MlNetEmotion.Detector.Archive;

/// <summary>Processes parts of an archive that are one video each, as the Detector processes a file. Thread-safe.</summary>
internal sealed class VideoWork(DetectorOptions options, IEmotionModel model, ArchiveProgress progress)
{
    public void Do(ArchivePart part, FaceTableWriter table, CancellationToken stop)
    {
        ArchiveInput input = part.Inputs[0];
        var sink = new Sink(input.Name, table, progress);
        InputRecord outcome;
        try
        {
            using IFrameSource source = FrameSources.Open(input.Path, progress.Warn, options.Loop, stop: stop);
            if (source.IsLive)
            {
                throw new InvalidDataException("a live stream, which has no end; name a recording");
            }

            InputRun.Run(options, source, model, sink, progress.Warn, stop);
            stop.ThrowIfCancellationRequested();
            outcome = sink.Input;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            outcome = InputRecord.Failed(sink.Input, e);
        }

        table.Done(outcome);
        progress.Done(outcome);
    }

    private sealed class Sink(string name, FaceTableWriter table, ArchiveProgress progress) : IFrameSink
    {
        public InputRecord Input { get; private set; } = new(name, 0, 0, 0);

        public void Write(Frame frame, FrameResult result)
        {
            FrameResult named = result with { Source = name };
            named.Faces.ForEach(face => table.Add(ParquetLog.Row(named, face)));
            Input = ParquetLog.Count(Input, named);
            progress.Frame(named.Faces.Count);
        }
    }
}
