"""MNIST, Fashion-MNIST and CIFAR-10 as byte arrays, from local files or through torchvision's download.

Formats: idx (yann.lecun.com/exdb/mnist) and the CIFAR-10 binary version (www.cs.toronto.edu/~kriz/cifar.html),
each plain or gzipped.
"""

import gzip
import struct
from pathlib import Path

import numpy as np

# samples/data of the checkout: the test images that come with helu.
COMMITTED = Path(__file__).resolve().parents[2] / "data"

CLASSES = {
    "mnist": [str(digit) for digit in range(10)],
    "fashion-mnist": ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                      "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
    "cifar10": ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
}


def read_bytes(path):
    """The content of ``path``, or of ``path`` + ".gz" unpacked."""
    path = Path(path)
    if not path.exists() and path.suffix != ".gz":
        path = path.with_name(path.name + ".gz")
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def read_idx(path):
    """An idx file of unsigned bytes as an array of the shape its header tells."""
    data = read_bytes(path)
    zero, kind, rank = struct.unpack_from(">HBB", data)
    if zero != 0 or kind != 8:
        raise ValueError(f"{path} is not an idx file of unsigned bytes")
    shape = struct.unpack_from(f">{rank}I", data, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_cifar(path):
    """CIFAR-10 binary records (1 label byte, then 3 x 32 x 32 bytes) as (images N x 3 x 32 x 32, labels N)."""
    records = np.frombuffer(read_bytes(path), np.uint8).reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]


def load(dataset, split, folder):
    """Images (uint8, N x C x H x W) and labels (uint8, N) of ``split`` "train" or "test".

    Files are looked for in ``folder``/``dataset``; where there are none, torchvision downloads them to ``folder``.
    """
    folder = Path(folder) / dataset
    if not folder.is_dir():
        return _download(dataset, split, folder.parent)
    if dataset == "cifar10":
        names = ["test_batch.bin"] if split == "test" else [f"data_batch_{i}.bin" for i in range(1, 6)]
        parts = [read_cifar(folder / name) for name in names]
        return tuple(np.concatenate(part) for part in zip(*parts))
    prefix = "t10k" if split == "test" else "train"
    images = read_idx(folder / f"{prefix}-images-idx3-ubyte")
    return images[:, np.newaxis], read_idx(folder / f"{prefix}-labels-idx1-ubyte")


def load_committed(dataset, folder=COMMITTED):
    """The committed test images, their labels and their indices among the 10,000 test images."""
    if dataset != "cifar10":
        images, labels = load(dataset, "test", folder)
        return images, labels, np.arange(len(labels))
    images, labels = read_cifar(Path(folder) / "cifar10" / "test_batch_2000.bin")
    return images, labels, np.load(Path(folder) / "cifar10" / "test_batch_2000.indices.npy")


def _download(dataset, split, root):
    from torchvision import datasets  # optional: only needed without local files

    kind = {"mnist": datasets.MNIST, "fashion-mnist": datasets.FashionMNIST, "cifar10": datasets.CIFAR10}[dataset]
    data = kind(root / "torchvision", train=split == "train", download=True)
    images = np.asarray(data.data)
    images = images.transpose(0, 3, 1, 2) if images.ndim == 4 else images[:, np.newaxis]
    return np.ascontiguousarray(images), np.asarray(data.targets, np.uint8)


def to_input(images):
    """Network input of byte images: float32 in [0, 1], byte / 255."""
    return images.astype(np.float32) / np.float32(255)
