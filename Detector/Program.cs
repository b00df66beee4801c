using MlNetEmotion.CommandLine;
using MlNetEmotion.Detector;

return await CommandLineApplication.RunAsync(DetectorCommand.Create(), args);
