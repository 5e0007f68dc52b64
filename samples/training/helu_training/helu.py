"""HeLU, the Hysteresis Rectified Linear Unit (arXiv 2411.10573), for PyTorch."""

import torch
from torch import nn


class HeLUFunction(torch.autograd.Function):
    """HeLU as an autograd function.

    Forward:   y  = max(0, x)                      (exactly ReLU)
    Backward:  dx = dy  where x > -alpha, else 0   (the window is moved by alpha)

    x may have any shape and any floating dtype; y and dx have the same.
    alpha >= 0 has the unit of x; alpha = 0 gives ReLU, gradient 0 at x = 0 included.
    """

    @staticmethod
    def forward(ctx, x, alpha):
        ctx.save_for_backward(x)
        ctx.alpha = alpha
        return torch.relu(x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        # threshold_backward(dy, x, t) is "dy where x > t, else 0": one pass, no mask in memory.
        return torch.ops.aten.threshold_backward(dy, x, -ctx.alpha), None


class HeLU(nn.Module):
    """The activation module. After training it is a ReLU that remembers its ``alpha``."""

    def __init__(self, alpha=0.05):
        super().__init__()
        if not alpha >= 0:
            raise ValueError(f"alpha must be >= 0, got {alpha}")
        self.alpha = float(alpha)

    def forward(self, x):
        # Without gradients there is nothing to shift; the plain call also keeps exported graphs plain.
        if torch.is_grad_enabled() and x.requires_grad:
            return HeLUFunction.apply(x, self.alpha)
        return torch.relu(x)

    def extra_repr(self):
        return f"alpha={self.alpha}"
