package org.helu.device.rtl.design;

import java.util.List;
import org.helu.device.rtl.design.Folding.Fold;

/** Resources of one layer under many foldings: its units, without their neighbours' converters. */
final class LayerEstimate {
  private final Network alone;
  private final Part part;

  LayerEstimate(Layer layer, Part part) {
    this.part = part;
    Layer first =
        switch (layer) {
          // A residual's memory is the same under every folding.
          case Layer.Matrix m ->
              new Layer.Matrix(
                  m.node(),
                  Layer.NETWORK_INPUT,
                  null,
                  null,
                  m.in(),
                  m.out(),
                  m.window(),
                  m.codes(),
                  m.weights(),
                  m.oneBit(),
                  m.epilogue(),
                  m.parameters());
          case Layer.Pool p ->
              new Layer.Pool(p.node(), Layer.NETWORK_INPUT, p.in(), p.out(), p.window());
          case Layer.Scale s ->
              new Layer.Scale(
                  s.node(),
                  Layer.NETWORK_INPUT,
                  s.in(),
                  s.signed(),
                  s.out(),
                  s.epilogue(),
                  s.parameters());
        };
    this.alone = new Network("", null, null, layer.in(), List.of(first), 0, null, null);
  }

  Resources of(Fold fold) {
    return Estimate.of(DesignBuilder.build(alone, new Folding(List.of(fold))), part);
  }
}
