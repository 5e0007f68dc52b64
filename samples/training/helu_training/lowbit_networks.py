"""The low-bit sample networks. Input: raw pixels / 255 in [0, 1], float32, N x C x H x W; output: logits N x 10."""

from torch import nn

from .lowbit import ByteInput, HeluStep, LowBitConv2d, LowBitLinear


def _conv(inputs, outputs, alpha, weight_bits=1, pool=1):
    return [LowBitConv2d(inputs, outputs, 3, weight_bits, padding=1), nn.BatchNorm2d(outputs),
            HeluStep(alpha, pool=pool)]


def _dense(inputs, outputs, alpha):
    return [LowBitLinear(inputs, outputs, 1), nn.BatchNorm1d(outputs), HeluStep(alpha)]


def mnist_mlp_w1a1(alpha):
    """784-256-256-256-10, all weights and hidden activations 1 bit; the last batch norm scales the logits."""
    return nn.Sequential(
        ByteInput(), nn.Flatten(),
        *_dense(784, 256, alpha), *_dense(256, 256, alpha), *_dense(256, 256, alpha),
        LowBitLinear(256, 10, 1), nn.BatchNorm1d(10),
    )


def fashion_cnn_w1a1(alpha):
    """The shape of fashion-cnn: 2 x conv 32, pool, 2 x conv 64, pool, dense 64, dense 10; first and last with int8 weights."""
    return nn.Sequential(
        ByteInput(),
        *_conv(1, 32, alpha, weight_bits=8), *_conv(32, 32, alpha, pool=2),
        *_conv(32, 64, alpha), *_conv(64, 64, alpha, pool=2),
        nn.Flatten(), *_dense(64 * 7 * 7, 64, alpha),
        LowBitLinear(64, 10, 8, bias=True),
    )


def cifar10_vgg_w1a1(alpha):
    """VGG-small at 3/8 of its width: conv 48, 48, pool, 96, 96, pool, 192, 192, pool, dense 512, 10; ends with int8 weights."""
    return nn.Sequential(
        ByteInput(),
        *_conv(3, 48, alpha, weight_bits=8), *_conv(48, 48, alpha, pool=2),
        *_conv(48, 96, alpha), *_conv(96, 96, alpha, pool=2),
        *_conv(96, 192, alpha), *_conv(192, 192, alpha, pool=2),
        nn.Flatten(), *_dense(192 * 4 * 4, 512, alpha),
        LowBitLinear(512, 10, 8, bias=True),
    )
