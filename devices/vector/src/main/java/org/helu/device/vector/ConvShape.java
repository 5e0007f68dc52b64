package org.helu.device.vector;

import org.helu.device.vector.kernel.Rows;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;

/**
 * Sizes of a convolution and of the frame that its input is copied into: the image with its
 * padding, so that every tap reads memory that exists. An image without padding is its own frame.
 *
 * @param batched whether the first dimension is the symbolic batch
 * @param images images of one unit, 1 where batched
 * @param frameChannels channels of the frame, more than the image's where these fill no vector
 */
record ConvShape(
    Window window,
    boolean batched,
    int images,
    int inH,
    int inW,
    int channels,
    int outH,
    int outW,
    int outputs,
    int frameH,
    int frameW,
    int frameChannels) {

  static ConvShape of(Window window, Shape in, Shape out, int frameChannels) {
    // Only as much padding as windows reach: strides may leave some of it unread.
    int reachH =
        (out.dim(1) - 1) * window.strideH() + window.dilationH() * (window.kernelH() - 1) + 1;
    int reachW =
        (out.dim(2) - 1) * window.strideW() + window.dilationW() * (window.kernelW() - 1) + 1;
    return new ConvShape(
        window,
        in.isBatched(),
        in.isBatched() ? 1 : in.dim(0),
        in.dim(1),
        in.dim(2),
        in.dim(3),
        out.dim(1),
        out.dim(2),
        out.dim(3),
        Math.max(reachH, window.padTop() + in.dim(1)),
        Math.max(reachW, window.padLeft() + in.dim(2)),
        frameChannels);
  }

  /** With a frame of other sizes. */
  ConvShape withFrame(int height, int width) {
    return new ConvShape(
        window,
        batched,
        images,
        inH,
        inW,
        channels,
        outH,
        outW,
        outputs,
        height,
        width,
        frameChannels);
  }

  /** Whether the input is its own frame. */
  boolean isFramed() {
    return frameH != inH
        || frameW != inW
        || frameChannels != channels
        || window.padTop() + window.padLeft() > 0;
  }

  long images(int batch) {
    return batched ? (long) images * batch : images;
  }

  long frameBytes(int batch) {
    return images(batch) * frameH * frameW * frameChannels * 4L;
  }

  /** Bytes from one tap to the next, downwards. */
  long tapLineBytes() {
    return window.dilationH() * (long) frameW * frameChannels * 4;
  }

  /** Bytes from one tap to the next, to the right. */
  long tapBytes() {
    return window.dilationW() * (long) frameChannels * 4;
  }

  /** Where the windows of output pixels begin in the frame. */
  Rows rows() {
    long pixelBytes = frameChannels * 4L;
    return new Rows(
        Math.max(1, outW),
        Math.max(1, outH),
        window.strideW() * pixelBytes,
        window.strideH() * frameW * pixelBytes,
        frameH * frameW * pixelBytes);
  }
}
