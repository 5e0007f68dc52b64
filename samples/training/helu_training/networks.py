"""The three sample networks. Input: raw pixels / 255 in [0, 1], float32, N x C x H x W; output: logits N x 10."""

from torch import nn

from .helu import HeLU


def _conv(inputs, outputs, stride=1, kernel=3):
    # No bias: the batch norm behind it subtracts any constant again.
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)


def mnist_mlp(alpha):
    """Multi-layer perceptron 784-256-256-10 with batch norm for 1 x 28 x 28 images."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 256, bias=False), nn.BatchNorm1d(256), HeLU(alpha),
        nn.Linear(256, 256, bias=False), nn.BatchNorm1d(256), HeLU(alpha),
        nn.Linear(256, 10),
    )


def fashion_cnn(alpha):
    """VGG-like net for 1 x 28 x 28 images: 2 x conv 32, pool, 2 x conv 64, pool, dense 64, dense 10."""
    return nn.Sequential(
        _conv(1, 32), nn.BatchNorm2d(32), HeLU(alpha),
        _conv(32, 32), nn.BatchNorm2d(32), HeLU(alpha), nn.MaxPool2d(2),
        _conv(32, 64), nn.BatchNorm2d(64), HeLU(alpha),
        _conv(64, 64), nn.BatchNorm2d(64), HeLU(alpha), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 64, bias=False), nn.BatchNorm1d(64), HeLU(alpha),
        nn.Linear(64, 10),
    )


class ResidualStack(nn.Module):
    """y = HeLU(f(x) + s(x)), f = conv-BN-HeLU-conv-BN, s = identity or, with a stride, a 1x1 convolution."""

    def __init__(self, inputs, outputs, stride, alpha):
        super().__init__()
        self.body = nn.Sequential(
            _conv(inputs, outputs, stride), nn.BatchNorm2d(outputs), HeLU(alpha),
            _conv(outputs, outputs), nn.BatchNorm2d(outputs),
        )
        # As in MLPerf Tiny the shortcut has no batch norm, hence a bias.
        self.shortcut = nn.Identity() if stride == 1 else nn.Conv2d(inputs, outputs, 1, stride)
        self.activation = HeLU(alpha)

    def forward(self, x):
        return self.activation(self.body(x) + self.shortcut(x))


def cifar10_resnet8(alpha):
    """ResNet-8 of MLPerf Tiny (image classification) for 3 x 32 x 32 images: stacks of 16, 32, 64 channels."""
    return nn.Sequential(
        _conv(3, 16), nn.BatchNorm2d(16), HeLU(alpha),
        ResidualStack(16, 16, 1, alpha),
        ResidualStack(16, 32, 2, alpha),
        ResidualStack(32, 64, 2, alpha),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )
