"""What belongs to each sample: data, network and training recipe."""

from dataclasses import dataclass
from typing import Callable

from torch import nn

from . import lowbit_networks, networks


# A step has no slope of its own: the window -alpha < x < 1 should be wide on both sides of its threshold.
LOW_BIT_ALPHA = 1.0


@dataclass(frozen=True)
class Sample:
    """A sample network and how it is trained."""

    name: str
    title: str
    dataset: str
    build: Callable[[float], nn.Module]
    epochs: int
    batch: int
    learning_rate: float  # peak of the schedule
    weight_decay: float
    crop: int = 0  # random crop after zero padding by this many pixels, drawn per image
    flip: bool = False  # random horizontal flip, drawn per image
    convolutional: bool = True  # trained in bfloat16 with channels-last memory
    model_local_function: bool = False  # exported with helu::HeLU instead of annotated Relu nodes
    # Behind a batch norm x has a standard deviation of about 1 to 2: with 0.05 the gradient also passes for
    # the 1 to 3 % of the values in (-0.05, 0] (0.2 % after residual adds), so backward stays close to forward.
    alpha: float = 0.05
    seed: int = 1
    optimizer: str = "sgd"  # Nesterov momentum 0.9, one cycle; or "adam" with half a cosine, for latent 1-bit weights
    teacher: str = ""  # a committed sample whose softened classes are learnt too


SAMPLES = {sample.name: sample for sample in (
    Sample("mnist-mlp", "multi-layer perceptron 784-256-256-10 with batch norm", "mnist", networks.mnist_mlp,
           epochs=12, batch=128, learning_rate=0.1, weight_decay=5e-4, crop=2, convolutional=False),
    Sample("fashion-cnn", "VGG-like CNN with four convolutions, batch norm and max pooling", "fashion-mnist",
           networks.fashion_cnn, epochs=20, batch=128, learning_rate=0.1, weight_decay=5e-4, crop=2, flip=True,
           model_local_function=True),
    Sample("cifar10-resnet8", "ResNet-8 of MLPerf Tiny", "cifar10", networks.cifar10_resnet8,
           epochs=80, batch=128, learning_rate=0.2, weight_decay=2e-4, crop=4, flip=True),
    Sample("mnist-mlp-w1a1", "multi-layer perceptron 784-256-256-256-10, 1-bit weights and activations", "mnist",
           lowbit_networks.mnist_mlp_w1a1, epochs=40, batch=128, learning_rate=5e-3, weight_decay=0.0, crop=1,
           convolutional=False, optimizer="adam", alpha=LOW_BIT_ALPHA),
    Sample("fashion-cnn-w1a1", "VGG-like CNN, 1-bit weights and activations, first and last layer with int8 weights",
           "fashion-mnist", lowbit_networks.fashion_cnn_w1a1, epochs=8, batch=128, learning_rate=5e-3,
           weight_decay=0.0, crop=2, flip=True, optimizer="adam", alpha=LOW_BIT_ALPHA),
    Sample("cifar10-vgg-w1a1", "VGG-small at 3/8 width, 1-bit weights and activations, first and last layer with int8 weights",
           "cifar10", lowbit_networks.cifar10_vgg_w1a1, epochs=46, batch=128, learning_rate=2e-3,
           weight_decay=0.0, crop=4, flip=True, optimizer="adam", alpha=LOW_BIT_ALPHA, teacher="cifar10-resnet8"),
)}
