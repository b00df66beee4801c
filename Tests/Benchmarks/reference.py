"""Writes a plain residual network of 1.3 M parameters and 0.22 GFLOP a face as ONNX: what inference is compared with.

Its weights are random; its ends are those of onnx/emotion.onnx, so that 'Trainer benchmark --model' can run it.
"""

import sys

import torch
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))

    def forward(self, x):
        return torch.relu(self.residual(x) + self.shortcut(x))


def reference(widths=(44, 88, 176)):
    layers = [nn.Conv2d(1, widths[0], 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()]
    in_channels = widths[0]
    for width in widths:  # 24x24, 12x12, 6x6
        layers += [ResidualBlock(in_channels, width, 1 if width == widths[0] else 2), ResidualBlock(width, width, 1)]
        in_channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(in_channels, 7), nn.Softmax(1)).eval()


def main():
    torch.manual_seed(1)
    model = reference()
    operations = 0

    def count(layer, inputs, output):
        nonlocal operations
        operations += 2 * output.numel() * layer.weight[0].numel()

    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.register_forward_hook(count)
    face = torch.zeros(1, 1, 48, 48)
    model(face)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {operations / 1e9:.3f} GFLOP a face")
    for layer in model.modules():
        layer._forward_hooks.clear()
    torch.onnx.export(model, face, sys.argv[1], input_names=["image"], output_names=["probabilities"], opset_version=13)


if __name__ == "__main__":
    main()
