using MlNetEmotion.Detector.Display;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

/// <summary>The colors of the emotions and of an uncertain prediction, as people with each kind of color vision see them. Dichromacy is simulated by the
/// matrices of Machado, Oliveira and Fernandes (2009), severity 1; differences are CIEDE2000 in CIELAB (D65).</summary>
public sealed class ColorTests
{
    private const double MinDifference = 15;

    // WCAG 2.2, 1.4.3: text.
    private const double MinTextContrast = 4.5;

    private static readonly uint[] Colors = [.. Enum.GetValues<Emotion>().Select(EmotionColors.Of), EmotionColors.Uncertain];

    private static readonly Dictionary<string, double[]> Visions = new()
    {
        ["normal"] = [1, 0, 0, 0, 1, 0, 0, 0, 1],
        ["protanopia"] = [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
        ["deuteranopia"] = [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
        ["tritanopia"] = [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
    };

    [Theory]
    [InlineData("normal")]
    [InlineData("protanopia")]
    [InlineData("deuteranopia")]
    [InlineData("tritanopia")]
    public void Of_EachPair_DiffersForEveryColorVision(string vision)
    {
        (double L, double A, double B)[] seen = [.. Colors.Select(color => Lab(Seen(color, Visions[vision])))];

        for (int i = 0; i < seen.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double difference = Ciede2000(seen[i], seen[j]);
                Assert.True(difference >= MinDifference, $"{vision}: #{Colors[i]:x6} and #{Colors[j]:x6} differ by {difference:0.0}");
            }
        }
    }

    [Fact]
    public void Of_EachColor_StandsOutFromInk()
    {
        double ink = Luminance(EmotionColors.Ink);

        Assert.All(Colors, color => Assert.InRange((Luminance(color) + 0.05) / (ink + 0.05), MinTextContrast, 21));
    }

    // From the test data of Sharma, Wu and Dalal, 'The CIEDE2000 Color-Difference Formula' (2005), table 1: pairs 1, 7, 17 and 25.
    [Theory]
    [InlineData(50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425)]
    [InlineData(50, 0, 0, 50, -1, 2, 2.3669)]
    [InlineData(50, 2.5, 0, 73, 25, -18, 27.1492)]
    [InlineData(60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644)]
    public void Ciede2000_PublishedPairs_IsAsPublished(double l1, double a1, double b1, double l2, double a2, double b2, double expected) =>
        Assert.Equal(expected, Ciede2000((l1, a1, b1), (l2, a2, b2)), 1e-4);

    // The color in linear RGB, as it appears.
    private static double[] Seen(uint rgb, double[] matrix)
    {
        double[] linear = Linear(rgb);
        return [.. Enumerable.Range(0, 3).Select(row => Math.Clamp(Enumerable.Range(0, 3).Sum(i => matrix[(3 * row) + i] * linear[i]), 0, 1))];
    }

    private static double[] Linear(uint rgb) => [.. new[] { rgb >> 16, (rgb >> 8) & 255, rgb & 255 }
        .Select(value => value / 255.0).Select(value => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4))];

    private static double Luminance(uint rgb)
    {
        double[] c = Linear(rgb);
        return (0.2126 * c[0]) + (0.7152 * c[1]) + (0.0722 * c[2]);
    }

    private static (double L, double A, double B) Lab(double[] c)
    {
        double x = F(((0.4124564 * c[0]) + (0.3575761 * c[1]) + (0.1804375 * c[2])) / 0.95047);
        double y = F((0.2126729 * c[0]) + (0.7151522 * c[1]) + (0.0721750 * c[2]));
        double z = F(((0.0193339 * c[0]) + (0.1191920 * c[1]) + (0.9503041 * c[2])) / 1.08883);
        return ((116 * y) - 16, 500 * (x - y), 200 * (y - z));

        static double F(double t) => t > 216.0 / 24389 ? Math.Cbrt(t) : ((24389.0 / 27 * t) + 16) / 116;
    }

    private static double Ciede2000((double L, double A, double B) p, (double L, double A, double B) q)
    {
        double chroma = (Math.Sqrt((p.A * p.A) + (p.B * p.B)) + Math.Sqrt((q.A * q.A) + (q.B * q.B))) / 2;
        double g = 0.5 * (1 - Math.Sqrt(Math.Pow(chroma, 7) / (Math.Pow(chroma, 7) + Math.Pow(25, 7))));
        (double c1, double h1) = Polar((1 + g) * p.A, p.B);
        (double c2, double h2) = Polar((1 + g) * q.A, q.B);
        double hueStep = c1 * c2 == 0 ? 0 : Wrapped(h2 - h1);
        double dl = q.L - p.L;
        double dc = c2 - c1;
        double dh = 2 * Math.Sqrt(c1 * c2) * Sin(hueStep / 2);
        double l = (p.L + q.L) / 2;
        double c = (c1 + c2) / 2;
        double h = c1 * c2 == 0 ? h1 + h2 : h1 + (hueStep / 2);
        double t = 1 - (0.17 * Cos(h - 30)) + (0.24 * Cos(2 * h)) + (0.32 * Cos((3 * h) + 6)) - (0.2 * Cos((4 * h) - 63));
        double turn = 30 * Math.Exp(-Math.Pow((((h % 360) + 360) % 360 - 275) / 25, 2));
        double rc = 2 * Math.Sqrt(Math.Pow(c, 7) / (Math.Pow(c, 7) + Math.Pow(25, 7)));
        double sl = 1 + (0.015 * Math.Pow(l - 50, 2) / Math.Sqrt(20 + Math.Pow(l - 50, 2)));
        double sc = 1 + (0.045 * c);
        double sh = 1 + (0.015 * c * t);
        double rt = -Sin(2 * turn) * rc;
        return Math.Sqrt(Math.Pow(dl / sl, 2) + Math.Pow(dc / sc, 2) + Math.Pow(dh / sh, 2) + (rt * dc / sc * dh / sh));

        static (double C, double H) Polar(double a, double b) => (Math.Sqrt((a * a) + (b * b)), a == 0 && b == 0 ? 0 : ((Math.Atan2(b, a) * 180 / Math.PI) + 360) % 360);
        static double Wrapped(double degrees) => degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees;
        static double Sin(double degrees) => Math.Sin(degrees * Math.PI / 180);
        static double Cos(double degrees) => Math.Cos(degrees * Math.PI / 180);
    }
}
