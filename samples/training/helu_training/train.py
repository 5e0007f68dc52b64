"""Training: SGD with one-cycle learning rate, or Adam with a cosine for low-bit nets; augmentation drawn per image."""

import math
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional

from . import data, lowbit
from .samples import SAMPLES

HOLDOUT = 1000  # last training images, never trained on; the test images stay untouched until the export
TEMPERATURE = 2  # of the softmax of teacher and student


def augment(padded, rng, size, crop, flip):
    """A random ``size`` x ``size`` window of every image of ``padded`` (uint8, N x H x W x C), perhaps mirrored."""
    count = len(padded)
    window = np.arange(size)
    rows = rng.integers(0, 2 * crop + 1, (count, 1)) + window
    columns = rng.integers(0, 2 * crop + 1, (count, 1)) + window
    if flip:
        mirrored = rng.random(count) < 0.5
        columns[mirrored] = columns[mirrored, ::-1]
    return padded[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


def learning_rate(sample, progress):
    """The learning rate at ``progress`` in [0, 1].

    SGD: one cycle, linear from 0 to the peak over the first fifth of the steps, then linear to 0.
    Adam: linear to the peak over the first hundredth, times half a cosine from 1 to 0.
    """
    if sample.optimizer == "adam":
        return sample.learning_rate * min(progress / 0.01, 1) * (1 + math.cos(math.pi * progress)) / 2
    return sample.learning_rate * min(progress / 0.2, (1 - progress) / 0.8)


def accuracy(model, images, labels):
    """Fraction of images whose largest logit is that of the label; float32, evaluation mode."""
    return float((predict(model, images).argmax(1) == labels).mean())


def predict(model, images, batch=500):
    """Float32 logits (N x 10) of byte images, in evaluation mode."""
    model.eval()
    device = next(model.parameters()).device
    with torch.no_grad():
        return np.concatenate([model(torch.from_numpy(data.to_input(images[i:i + batch])).to(device)).cpu().numpy()
                               for i in range(0, len(images), batch)])


def checkpoint_path(sample, out):
    """Where the checkpoint of ``sample`` lies below the output folder."""
    return Path(out) / f"{sample.name}.pt"


def make_optimizer(sample, model):
    """The optimizer of the recipe. Weight decay belongs to matrices and filters; batch norm and biases are left alone."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    free = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": decayed, "weight_decay": sample.weight_decay}, {"params": free, "weight_decay": 0.0}]
    if sample.optimizer == "adam":
        return torch.optim.Adam(groups, lr=0.0)
    return torch.optim.SGD(groups, lr=0.0, momentum=0.9, nesterov=True)


def load_teacher(name):
    """The committed network of the sample ``name``, from its model.onnx: its initializers have PyTorch's names."""
    teacher = SAMPLES[name].build(SAMPLES[name].alpha)
    model = onnx.load(data.COMMITTED.parent / name / "model.onnx")
    tensors = {entry.name: torch.from_numpy(numpy_helper.to_array(entry).copy()) for entry in model.graph.initializer}
    expected = {key for key in teacher.state_dict() if not key.endswith("num_batches_tracked")}
    teacher.load_state_dict({key: tensors[key] for key in expected}, strict=False)
    return teacher.eval().requires_grad_(False)


def loss_of(logits, labels, teacher_logits=None):
    """Cross entropy with the labels; with a teacher, half of it and half of that with the teacher's softened classes."""
    loss = functional.cross_entropy(logits, labels)
    if teacher_logits is None:
        return loss
    soft = functional.softmax(teacher_logits / TEMPERATURE, 1)
    return (loss + TEMPERATURE ** 2 * functional.cross_entropy(logits / TEMPERATURE, soft)) / 2


def train(sample, data_folder, out, resume=False, device="cpu", minutes=None):
    """Trains ``sample`` and writes a checkpoint after every epoch; returns the model.

    With ``minutes`` the rest of the learning rate schedule is run through in that time, however many epochs that are.
    """
    if device == "cpu":
        torch.set_num_threads(1)  # one thread: the same sums in the same order everywhere
        torch.use_deterministic_algorithms(True)
    torch.manual_seed(sample.seed)
    model = sample.build(sample.alpha).to(device)
    low_bit = lowbit.is_low_bit(model)
    teacher = load_teacher(sample.teacher).to(device, memory_format=torch.channels_last) if sample.teacher else None
    if sample.convolutional:
        model = model.to(memory_format=torch.channels_last)
    optimizer = make_optimizer(sample, model)

    path = checkpoint_path(sample, out)
    path.parent.mkdir(parents=True, exist_ok=True)
    done, seconds, before = 0, 0.0, 0.0
    if resume and path.exists():
        state = torch.load(path, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        done, seconds = int(state["epochs"]), state["seconds"]
        before = state["progress"] if "progress" in state else done / state["plannedEpochs"]

    images, labels = data.load(sample.dataset, "train", data_folder)
    held_images, held_labels = images[-HOLDOUT:], labels[-HOLDOUT:]
    images, labels = images[:-HOLDOUT], labels[:-HOLDOUT]
    size, pad = images.shape[2], ((0, 0), (sample.crop,) * 2, (sample.crop,) * 2, (0, 0))
    padded = np.pad(images.transpose(0, 2, 3, 1), pad)
    steps = len(images) // sample.batch

    begin = time.perf_counter()

    def progress(epoch, step):
        if minutes is None:
            return (epoch * steps + step) / (sample.epochs * steps)
        return min(before + (1 - before) * (time.perf_counter() - begin) / (60 * minutes), 1.0)

    epoch = done
    while progress(epoch, 0) < 1:
        start, total = time.perf_counter(), torch.zeros((), device=device)
        rng = np.random.default_rng([sample.seed, epoch])  # per epoch, so that a resumed run draws the same
        order = rng.permutation(len(images))
        model.train()
        for step in range(steps):
            now = progress(epoch, step)
            if now >= 1:
                break
            index = order[step * sample.batch:(step + 1) * sample.batch]
            pixels = augment(padded[index], rng, size, sample.crop, sample.flip)
            # N x H x W x C bytes seen as N x C x H x W is channels-last memory without a copy.
            x = torch.from_numpy(data.to_input(pixels)).to(device).permute(0, 3, 1, 2)
            y = torch.from_numpy(labels[index].astype(np.int64)).to(device)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(sample, now)
            with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=sample.convolutional):
                logits = model(x)
                with torch.no_grad():
                    teacher_logits = teacher(x).float() if teacher else None
            loss = loss_of(logits.float(), y, teacher_logits)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if low_bit:
                lowbit.clamp_latent(model)
            total += loss.detach()
        else:
            step = steps
        seconds += time.perf_counter() - start
        trained = epoch + 1 if step == steps else round(epoch + step / steps, 2)
        epoch += 1
        torch.save({"sample": sample.name, "alpha": sample.alpha, "seed": sample.seed, "epochs": trained,
                    "plannedEpochs": sample.epochs, "progress": progress(epoch, 0), "minutes": minutes,
                    "batch": sample.batch, "device": device, "teacher": sample.teacher, "seconds": seconds,
                    "model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
        print(f"{sample.name} epoch {trained} of {sample.epochs if minutes is None else f'{minutes} minutes'}: "
              f"loss {total.item() / max(step, 1):.4f}, "
              f"held-out accuracy {accuracy(model, held_images, held_labels):.4f}, {seconds:.0f} s", flush=True)
    return model
