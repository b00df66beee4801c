"""Training throughput of a plain PyTorch script: the network, batch and optimizer of 'Trainer benchmark --network emonet'.

--mode plain is how such scripts are written (float32, NCHW); --mode tuned adds bfloat16 autocast and channels-last.
Images lie in memory and are not augmented: only training steps are timed.
"""

import argparse
import json
import os
import time

import torch
from torch import nn

CLASSES = 7


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, reduction=8):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(),
            nn.Conv2d(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return x * self.gate(x)


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            SqueezeExcitation(out_channels),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride) if stride != 1 else nn.Identity(),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x):
        return torch.relu(self.residual(x) + self.shortcut(x))


def emonet():
    widths = [32, 64, 128, 256]
    layers = [
        nn.Conv2d(1, widths[0], 3, padding=1, bias=False),
        nn.BatchNorm2d(widths[0]),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
    ]
    in_channels = widths[0]
    for width in widths:
        layers += [ResidualBlock(in_channels, width, 1 if width == widths[0] else 2), ResidualBlock(width, width, 1)]
        in_channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(in_channels, CLASSES))


def train(mode, batch_size, batches, warmup):
    """Returns the number of parameters and the images a second of the batches after the warm-up."""
    torch.manual_seed(1)
    tuned = mode == "tuned"
    model = emonet().train()
    if tuned:
        model = model.to(memory_format=torch.channels_last)
    images = torch.randint(0, 256, ((warmup + batches) * batch_size, 1, 48, 48), dtype=torch.uint8)
    labels = torch.randint(0, CLASSES, (len(images),))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)

    for batch in range(warmup + batches):
        if batch == warmup:
            started = time.perf_counter()
        rows = slice(batch * batch_size, (batch + 1) * batch_size)
        x = (images[rows].float() - 129) / 65  # ours equalizes, which costs more
        if tuned:
            x = x.to(memory_format=torch.channels_last)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=tuned):
            loss = criterion(model(x), labels[rows])
        loss.backward()
        optimizer.step()
        loss.item()  # as a progress bar does
    seconds = time.perf_counter() - started
    return sum(p.numel() for p in model.parameters()), batches * batch_size / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=["plain", "tuned"], default="plain")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--batches", type=int, default=30, help="measured steps")
    parser.add_argument("--warmup", type=int, default=3, help="steps before those")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="as Trainer: one a logical processor")
    parser.add_argument("--json", help="write the figures here")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    parameters, images_per_second = train(args.mode, args.batch_size, args.batches, args.warmup)
    result = {
        "network": "emonet",
        "parameters": parameters,
        "precision": "bf16" if args.mode == "tuned" else "fp32",
        "batchSize": args.batch_size,
        "threads": args.threads,
        "trainImagesPerSecond": images_per_second,
    }
    print(json.dumps(result))
    if args.json:
        with open(args.json, "w") as file:
            json.dump(result, file)


if __name__ == "__main__":
    main()
