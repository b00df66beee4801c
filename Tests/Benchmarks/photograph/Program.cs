// Measures a model on FER2013's faces with people's votes:
//   dotnet run -c Release --project Tests/Benchmarks/photograph -- photograph --data fer2013 --votes ferplus-validation.csv
//   dotnet run -c Release --project Tests/Benchmarks/photograph -- groups --data fer2013 --votes ferplus-validation.csv
using System.CommandLine;
using MlNetEmotion.Benchmarks;

var root = new RootCommand("Measures a model on FER2013's faces with people's votes, as tables of Markdown.")
{
    new CommandOptions<Options>().AddTo(new Command("photograph", "Faces set into larger pictures, found and cut by each detector, beside FER2013's own frame"), Photograph.Run),
    new CommandOptions<Options>().AddTo(new Command("groups", "Errors by group: agreement of people, size, light, pose, glasses, masks, class"), Groups.Run),
};
return await CommandLineApplication.RunAsync(root, args);
