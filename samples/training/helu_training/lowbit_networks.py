"""The low-bit sample networks. Input: raw pixels / 255 in [0, 1], float32, N x C x H x W; output: logits N x 10."""

from torch import nn

from .lowbit import ByteInput, HeluStep, LowBitConv2d, LowBitLinear


def _conv(inputs, outputs, alpha, weight_bits=1, pool=1, padding=1):
    return [LowBitConv2d(inputs, outputs, 3, weight_bits, padding=padding), nn.BatchNorm2d(outputs),
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
    """FINN's CNV: conv 64, 64, pool, 128, 128, pool, 256, 256 without padding, dense 512, 512, 10."""
    return nn.Sequential(
        ByteInput(),
        *_conv(3, 64, alpha, weight_bits=8, padding=0), *_conv(64, 64, alpha, pool=2, padding=0),
        *_conv(64, 128, alpha, padding=0), *_conv(128, 128, alpha, pool=2, padding=0),
        *_conv(128, 256, alpha, padding=0), *_conv(256, 256, alpha, padding=0),
        nn.Flatten(), *_dense(256, 512, alpha), *_dense(512, 512, alpha),
        LowBitLinear(512, 10, 8, bias=True),
    )
