"""What belongs to each sample: data, network and training recipe."""

from dataclasses import dataclass
from typing import Callable

from torch import nn

from . import networks


@dataclass(frozen=True)
class Sample:
    """A sample network and how it is trained."""

    name: str
    title: str
    dataset: str
    build: Callable[[float], nn.Module]
    epochs: int
    batch: int
    learning_rate: float  # peak of the one-cycle schedule
    weight_decay: float
    crop: int = 0  # random crop after zero padding by this many pixels, drawn per image
    flip: bool = False  # random horizontal flip, drawn per image
    convolutional: bool = True  # trained in bfloat16 with channels-last memory
    model_local_function: bool = False  # exported with helu::HeLU instead of annotated Relu nodes
    # Behind a batch norm x has a standard deviation of about 1 to 2: with 0.05 the gradient also passes for
    # the 1 to 3 % of the values in (-0.05, 0] (0.2 % after residual adds), so backward stays close to forward.
    alpha: float = 0.05
    seed: int = 1


SAMPLES = {sample.name: sample for sample in (
    Sample("mnist-mlp", "multi-layer perceptron 784-256-256-10 with batch norm", "mnist", networks.mnist_mlp,
           epochs=12, batch=128, learning_rate=0.1, weight_decay=5e-4, crop=2, convolutional=False),
    Sample("fashion-cnn", "VGG-like CNN with four convolutions, batch norm and max pooling", "fashion-mnist",
           networks.fashion_cnn, epochs=20, batch=128, learning_rate=0.1, weight_decay=5e-4, crop=2, flip=True,
           model_local_function=True),
    Sample("cifar10-resnet8", "ResNet-8 of MLPerf Tiny", "cifar10", networks.cifar10_resnet8,
           epochs=80, batch=128, learning_rate=0.2, weight_decay=2e-4, crop=4, flip=True),
)}
