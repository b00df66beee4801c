using System.CommandLine;
using MlNetEmotion.Trainer.Commands;

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
    // Scripts may still call it.
    Elsewhere("score", "'Trainer score' was replaced by the Detector: 'Detector --cropped --input DATA --events OUTPUT --shard 0/1', with --model, --shard, --shards and --progress as before."),
    Elsewhere("collect", "Faces of sessions are collected by the Detector, which reads videos: 'Detector collect SESSION.zip… --output DIR'."),
};
root.SetAction((parsed, stop) => Task.FromResult(TrainCommand.TrainOnSamples(parsed, stop)));
return await CommandLineApplication.RunAsync(root, args);

// Its own --help keeps a hidden command's empty help from taking the place of the message.
static Command Elsewhere(string name, string message)
{
    var command = new Command(name) { new Option<bool>("--help", "-h", "-?") };
    (command.Hidden, command.TreatUnmatchedTokensAsErrors) = (true, false);
    command.SetAction(int (_) => throw new UsageException(message));
    return command;
}
