import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from helu_training import data


@pytest.mark.parametrize("dataset", ["mnist", "fashion-mnist"])
def test_idx_files(dataset):
    images, labels = data.load(dataset, "test", data.COMMITTED)
    assert images.shape == (10000, 1, 28, 28) and images.dtype == np.uint8
    assert labels.shape == (10000,) and set(labels) == set(range(10))


def test_first_mnist_label_is_the_well_known_seven():
    assert list(data.load("mnist", "test", data.COMMITTED)[1][:5]) == [7, 2, 1, 0, 4]


def test_committed_cifar_is_stratified_and_begins_with_the_first_thousand():
    images, labels, indices = data.load_committed("cifar10")
    assert images.shape == (2000, 3, 32, 32)
    assert list(np.bincount(labels)) == [200] * 10
    assert indices.dtype == np.int32 and np.all(np.diff(indices) > 0)
    assert np.array_equal(indices[:1000], np.arange(1000))
    assert list(labels[:5]) == [3, 8, 8, 0, 6]


def test_to_input_is_byte_over_255():
    pixels = data.to_input(np.array([0, 51, 255], np.uint8))
    assert pixels.dtype == np.float32
    assert list(pixels) == [0.0, np.float32(51) / np.float32(255), 1.0]


def test_a_file_that_is_not_idx_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00\x00\x00\x00")
    with pytest.raises(ValueError, match="not an idx file"):
        data.read_idx(tmp_path / "file")


def test_missing_folder_is_taken_from_torchvision(tmp_path, monkeypatch):
    """With a stand-in that has the shapes and types torchvision documents; no network in tests."""
    class Gray:
        def __init__(self, root, train, download):
            self.data, self.targets = torch.full((3, 28, 28), 9, dtype=torch.uint8), torch.tensor([1, 2, 3])

    class Colour:
        def __init__(self, root, train, download):
            self.data, self.targets = np.arange(2 * 32 * 32 * 3).astype(np.uint8).reshape(2, 32, 32, 3), [4, 5]

    stand_in = SimpleNamespace(MNIST=Gray, FashionMNIST=Gray, CIFAR10=Colour)
    monkeypatch.setitem(sys.modules, "torchvision", SimpleNamespace(datasets=stand_in))
    images, labels = data.load("fashion-mnist", "train", tmp_path)
    assert images.shape == (3, 1, 28, 28) and list(labels) == [1, 2, 3]
    images, labels = data.load("cifar10", "test", tmp_path)
    assert images.shape == (2, 3, 32, 32) and list(images[0, :, 0, 0]) == [0, 1, 2]
    assert images.dtype == labels.dtype == np.uint8
