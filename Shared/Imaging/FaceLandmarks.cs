using System.Numerics;

namespace MlNetEmotion.Imaging;

/// <summary>Five points of a face in an image's pixels, named from the face's own side: its right eye is on the left of an image.</summary>
public readonly record struct FaceLandmarks(Vector2 RightEye, Vector2 LeftEye, Vector2 Nose, Vector2 RightMouthCorner, Vector2 LeftMouthCorner)
{
    /// <summary>How far the head leans: the angle of the line through the eyes, 0 where they are level, positive where the one on the
    /// image's right is lower. In (-π, π].</summary>
    public double TiltRadians => Math.Atan2((double)LeftEye.Y - RightEye.Y, (double)LeftEye.X - RightEye.X);

    /// <summary>The same points after the face's box has moved and grown.</summary>
    public FaceLandmarks Moved(Box from, Box to)
    {
        var scale = new Vector2((float)to.Width / from.Width, (float)to.Height / from.Height);
        Vector2 shift = new Vector2(to.X, to.Y) - (new Vector2(from.X, from.Y) * scale);
        return new(Move(RightEye), Move(LeftEye), Move(Nose), Move(RightMouthCorner), Move(LeftMouthCorner));

        Vector2 Move(Vector2 point) => (point * scale) + shift;
    }
}
