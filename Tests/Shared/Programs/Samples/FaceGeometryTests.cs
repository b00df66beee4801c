using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Samples;

/// <summary>Action units move what the eye can see, the right way.</summary>
public sealed class FaceGeometryTests
{
    private const double EyeX = 0.172;
    private const double EyeY = -0.115;
    private const double MouthY = 0.275;

    [Fact]
    public void LipCorners_PulledAndDepressed_GoUpAndDown()
    {
        // The seam is the darkest line of a closed mouth; 0.12 is near the corner of a mouth that is 0.26 wide.
        double smile = Seam(new Expression { LipCornerPull = 1 }, 0.12);
        double rest = Seam(Expression.Rest, 0.12);
        double sad = Seam(new Expression { LipCornerDepress = 1 }, 0.12);

        Assert.InRange(rest, MouthY - 0.008, MouthY + 0.008);
        Assert.True(smile < rest - 0.008, $"smiling {smile}, at rest {rest}");
        Assert.True(sad > rest + 0.008, $"sad {sad}, at rest {rest}");
    }

    [Fact]
    public void LipCorners_Pulled_StandAboveTheMiddleOfTheMouth()
    {
        var smile = new Expression { LipCornerPull = 1 };

        Assert.True(Seam(smile, 0.15) < Seam(smile, 0) - 0.02);
    }

    [Fact]
    public void Jaw_Dropped_DarkensTheMouthAndOnlyThat()
    {
        var (rest, surprised) = (FaceImage.Of(Expression.Rest), FaceImage.Of(new Expression { JawDrop = 1, LipsPart = 0.5 }));

        Assert.True(surprised.Mean(0, MouthY + 0.06, 0.03) < 0.5 * rest.Mean(0, MouthY + 0.06, 0.03));
        Assert.Equal(rest.Mean(0, -0.35, 0.05), surprised.Mean(0, -0.35, 0.05), 3.0);
    }

    [Fact]
    public void Lips_PartedInASmile_ShowTeeth()
    {
        var closed = FaceImage.Of(new Expression { LipCornerPull = 1 });
        var open = FaceImage.Of(new Expression { LipCornerPull = 1, LipsPart = 1 });

        Assert.True(open.Mean(0, 0.27, 0.008) > closed.Mean(0, 0.283, 0.008) + 20);
    }

    [Fact]
    public void Eyes_Closed_HideTheDarkPupil()
    {
        double open = FaceImage.Of(Expression.Rest).Mean(EyeX, EyeY - 0.004, 0.008);
        double closed = FaceImage.Of(new Expression { EyesClosed = 1 }).Mean(EyeX, EyeY - 0.004, 0.008);

        Assert.InRange(open, 0, 60);
        Assert.True(closed > open + 50, $"open {open}, closed {closed}");
    }

    [Fact]
    public void UpperLids_Raised_ShowWhiteAboveTheIris()
    {
        double Above(double raise) => FaceImage.Of(new Expression { UpperLidRaise = raise }).Mean(EyeX, EyeY - 0.045, 0.004);

        // At rest the lid's dark lashes are there, wide open the white of the eye below the lid.
        Assert.True(Above(1) > Above(0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Gaze_ToASide_MovesBothPupilsThere(double gaze)
    {
        var face = FaceImage.Of(new Expression { GazeX = gaze });

        Assert.True(Math.Sign(face.Darkest(-EyeX, EyeY, 0.06, 0.012).X + EyeX) == Math.Sign(gaze));
        Assert.True(Math.Sign(face.Darkest(EyeX, EyeY, 0.06, 0.012).X - EyeX) == Math.Sign(gaze));
    }

    [Fact]
    public void Brows_RaisedAndLowered_MoveAtTheirInnerEnds()
    {
        double raised = InnerBrow(new Expression { InnerBrowRaise = 1 });
        double rest = InnerBrow(Expression.Rest);
        double lowered = InnerBrow(new Expression { BrowLower = 1 });

        Assert.True(raised < rest - 0.03, $"raised {raised}, at rest {rest}");
        Assert.True(lowered > rest + 0.02, $"lowered {lowered}, at rest {rest}");
    }

    private static double Seam(Expression expression, double x) => FaceImage.Of(expression).Darkest(x, MouthY, 0.006, 0.06).Y;

    private static double InnerBrow(Expression expression) => FaceImage.Of(expression).Darkest(0.1, -0.21, 0.006, 0.055).Y;
}
