"""PyTorch reference of helu: the HeLU activation, the sample networks, their training and export."""
