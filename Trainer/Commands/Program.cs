using System.CommandLine;
using MlNetEmotion.Trainer.Commands;

// Scripts may still call 'score'. Its own --help keeps a hidden command's empty help from taking the place of the message.
var score = new Command("score") { new Option<bool>("--help", "-h", "-?") };
(score.Hidden, score.TreatUnmatchedTokensAsErrors) = (true, false);
score.SetAction(int (_) => throw new UsageException(
    "'Trainer score' was replaced by the Detector: 'Detector --cropped --input DATA --events OUTPUT --shard 0/1', with --model, --shard, --shards and --progress as before."));

var root = new RootCommand("Trains a seven-class facial emotion network and writes it as one ONNX file. Without a command: trains on generated sample faces.")
{
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    CalibrateCommand.Create(),
    CombineCommand.Create(),
    ExportCommand.Create(),
    AdoptCommand.Create(),
    SamplesCommand.Create(),
    GenerateCommand.Create(),
    BenchmarkCommand.Create(),
    score,
};
root.SetAction((parsed, stop) => Task.FromResult(TrainCommand.TrainOnSamples(parsed, stop)));
return await CommandLineApplication.RunAsync(root, args);
