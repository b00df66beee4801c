using System.Numerics;

namespace MlNetEmotion;

/// <summary>Five points of a face, in an image's pixels. Right and left are the person's: the right eye is on the image's left.</summary>
public readonly record struct FaceLandmarks(Vector2 RightEye, Vector2 LeftEye, Vector2 Nose, Vector2 RightMouthCorner, Vector2 LeftMouthCorner)
{
    /// <summary>The head's roll in (-π, π]: the angle of the line through the eyes, 0 if they are level, positive if the eye on the image's right is
    /// lower.</summary>
    public double TiltRadians => Math.Atan2((double)LeftEye.Y - RightEye.Y, (double)LeftEye.X - RightEye.X);

    /// <summary>The points moved and scaled with the face's box.</summary>
    public FaceLandmarks Moved(Box from, Box to)
    {
        var scale = new Vector2((float)to.Width / from.Width, (float)to.Height / from.Height);
        Vector2 shift = new Vector2(to.X, to.Y) - (new Vector2(from.X, from.Y) * scale);
        return new(Move(RightEye), Move(LeftEye), Move(Nose), Move(RightMouthCorner), Move(LeftMouthCorner));

        Vector2 Move(Vector2 point) => (point * scale) + shift;
    }
}
