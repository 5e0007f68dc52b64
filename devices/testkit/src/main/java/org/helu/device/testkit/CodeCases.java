package org.helu.device.testkit;

import static org.helu.runtime.tensor.Shape.BATCH;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Cases of what makes, pools and moves codes: Convert, Pool2d, and the ops that move elements. */
final class CodeCases {
  private static final Fill[] CODES = {Fill.ZEROS, Fill.ONES, Fill.LARGE};
  private static final Fill[] FLOATS = Fill.values();
  private static final int[] CHANNELS = {1, 3, 31, 33, 64, 65, 128, 200};

  private CodeCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    fromIntegers(cases);
    fromFloats(cases);
    pools(cases);
    moves(cases);
    return cases;
  }

  private static List<TensorType> integers(int... dims) {
    Shape shape = Shape.of(dims);
    return List.of(
        new TensorType(ElementType.INT32, shape),
        new TensorType(ElementType.UINT8, shape),
        TensorType.bits(shape, 1),
        TensorType.bits(shape, 2),
        TensorType.bits(shape, 3),
        TensorType.bits(shape, 8));
  }

  private static long bound(TensorType type) {
    return type.elementType() == ElementType.INT32 ? 300 : 1L << type.planes();
  }

  private static void fromIntegers(List<OpCase> cases) {
    List<Epilogue> epilogues =
        List.of(
            new Epilogue.Threshold(1, ElementType.BIT),
            new Epilogue.Threshold(3, ElementType.BIT),
            new Epilogue.Threshold(15, ElementType.BIT),
            new Epilogue.Threshold(3, ElementType.UINT8),
            new Epilogue.Threshold(255, ElementType.UINT8),
            new Epilogue.Requantize(20, 255),
            new Epilogue.Requantize(0, 7),
            Epilogue.AFFINE);
    int next = 0;
    for (Epilogue epilogue : epilogues) {
      for (boolean perChannel : new boolean[] {true, false}) {
        int channels = CHANNELS[next++ % CHANNELS.length];
        List<TensorType> types = new ArrayList<>(integers(BATCH, 3, channels));
        types.addAll(integers(BATCH, channels));
        for (TensorType type : types) {
          String all = perChannel ? "" : " for all";
          cases.add(
              new CaseBuilder("Convert " + type + " by " + epilogue + all)
                  .input(type)
                  .parameters(epilogue, perChannel ? channels : 1, bound(type), false)
                  .trials(CODES)
                  .of(new IntegerOp.Convert(epilogue)));
        }
      }
    }
  }

  private static void fromFloats(List<OpCase> cases) {
    for (int channels : CHANNELS) {
      for (int steps : new int[] {1, 3, 15, 255}) {
        for (ElementType to : new ElementType[] {ElementType.BIT, ElementType.UINT8}) {
          for (int rows : channels == 1 ? new int[] {1} : new int[] {1, channels}) {
            Epilogue epilogue = new Epilogue.Threshold(steps, to);
            String name = "Convert floats of " + channels + " by " + epilogue + " " + rows;
            SplittableRandom random = new SplittableRandom(name.hashCode());
            cases.add(
                new CaseBuilder(name)
                    .input(BATCH, 3, channels)
                    .constant(EpilogueParameters.floatThresholds(steps, rows, random))
                    .trials(FLOATS)
                    .of(new IntegerOp.Convert(epilogue)));
          }
        }
      }
      // INTEGERS give ties of a scale of 2; of 0.3 and 1/255 the division rounds.
      for (Epilogue.Quantize quantize :
          List.of(
              new Epilogue.Quantize(2f, 0, 255),
              new Epilogue.Quantize(2f, 3, 4),
              new Epilogue.Quantize(1 / 255f, 128, 255),
              new Epilogue.Quantize(0.3f, 1, 15),
              new Epilogue.Quantize(Float.MIN_VALUE, 7, 255),
              new Epilogue.Quantize(Float.MAX_VALUE, 255, 255))) {
        cases.add(
            new CaseBuilder("Convert floats of " + channels + " by " + quantize)
                .input(BATCH, 2, channels)
                .trials(FLOATS)
                .of(new IntegerOp.Convert(quantize)));
      }
    }
    cases.add(ties());
  }

  /** Every multiple of 1/2 around the codes, a little less and a little more. */
  private static OpCase ties() {
    float[] values = new float[3 * 520];
    for (int i = 0; i < 520; i++) {
      float tie = (i - 3) * 0.5f;
      values[3 * i] = tie;
      values[3 * i + 1] = Math.nextUp(tie);
      values[3 * i + 2] = Math.nextDown(tie);
    }
    return new CaseBuilder("Convert ties by quantize")
        .constant(Tensor.ofFloats(Shape.of(3, 520), values))
        .trial(Fill.ZEROS, 1, 1)
        .of(new IntegerOp.Convert(new Epilogue.Quantize(1f, 0, 255)));
  }

  private static void pools(List<OpCase> cases) {
    Window[] windows = {
      new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0),
      new Window(3, 3, 2, 2, 1, 1, 1, 1, 1, 1),
      new Window(2, 3, 1, 2, 2, 1, 2, 2, 2, 2),
      new Window(5, 6, 1, 1, 1, 1, 0, 0, 0, 0),
    };
    for (TensorType type : integers(BATCH, 5, 6, 19)) {
      for (Window window : windows) {
        for (boolean ceil : new boolean[] {false, true}) {
          cases.add(
              new CaseBuilder("Pool2d of " + type + " " + window + (ceil ? " ceil" : ""))
                  .input(type)
                  .trials(CODES)
                  .of(new DeviceOp.Pool2d(PoolKind.MAX, window, ceil)));
        }
      }
    }
    for (int channels : CHANNELS) {
      for (TensorType type : integers(BATCH, 4, 4, channels)) {
        cases.add(
            new CaseBuilder("Pool2d of " + type)
                .input(type)
                .trials(CODES)
                .trial(Fill.UNIFORM, 5, 2)
                .of(new DeviceOp.Pool2d(PoolKind.MAX, windows[0], false)));
      }
    }
  }

  private static void moves(List<OpCase> cases) {
    for (int[][] pair :
        new int[][][] {
          {{BATCH, 3, 4, 64}, {BATCH, 768}},
          {{BATCH, 2, 128}, {BATCH, 256}},
          {{BATCH, 2, 3, 33}, {BATCH, 6, 33}}
        }) {
      for (int bits = 1; bits <= (pair[0].length == 4 && pair[1].length == 3 ? 3 : 1); bits++) {
        TensorType type = TensorType.bits(Shape.of(pair[0]), bits);
        cases.add(
            new CaseBuilder("Reshape " + type + " to " + Shape.of(pair[1]))
                .input(type)
                .trials(CODES)
                .of(new DeviceOp.Reshape(Shape.of(pair[1]))));
      }
    }
    for (ElementType element : new ElementType[] {ElementType.UINT8, ElementType.INT32}) {
      for (int[] dims : new int[][] {{BATCH, 3, 5, 7}, {BATCH, 17, 4, 33}, {BATCH, 1, 28, 28}}) {
        TensorType type = new TensorType(element, Shape.of(dims));
        for (List<Integer> perm :
            List.of(List.of(0, 2, 3, 1), List.of(0, 3, 1, 2), List.of(0, 2, 1, 3))) {
          cases.add(
              new CaseBuilder("Transpose " + type + " by " + perm)
                  .input(type)
                  .of(new DeviceOp.Transpose(perm)));
        }
        cases.add(
            new CaseBuilder("Slice " + type)
                .input(type)
                .of(
                    new DeviceOp.Slice(
                        List.of(0, 0, 3, 6), List.of(BATCH, 1, 2, 3), List.of(1, 1, -2, -2))));
        for (PadMode mode : PadMode.values()) {
          // Reflection needs two elements, which the first axis may lack.
          cases.add(
              new CaseBuilder("Pad " + type + " " + mode)
                  .input(type)
                  .of(new DeviceOp.Pad(List.of(0, 0, 1, 2), List.of(0, 0, 3, 1), mode, 5)));
        }
      }
      TensorType narrow = new TensorType(element, Shape.of(BATCH, 3, 5));
      TensorType wide = new TensorType(element, Shape.of(BATCH, 3, 70));
      cases.add(
          new CaseBuilder("Concat of channels, " + element)
              .input(narrow)
              .input(wide)
              .input(narrow)
              .of(new DeviceOp.Concat(-1)));
      cases.add(
          new CaseBuilder("Concat of lines, " + element)
              .input(narrow)
              .input(narrow)
              .of(new DeviceOp.Concat(1)));
    }
    for (int channels : CHANNELS) {
      TensorType sums = new TensorType(ElementType.INT32, Shape.of(BATCH, 3, channels));
      cases.add(
          new CaseBuilder("Binary ADD of sums of " + channels)
              .input(sums)
              .input(sums)
              .trials(CODES)
              .of(new DeviceOp.Binary(BinaryKind.ADD)));
      for (Shape repeated : List.of(Shape.of(channels), Shape.of(3, 1))) {
        int[] values = new SplittableRandom(channels).ints(repeated.elements()).toArray();
        cases.add(
            new CaseBuilder("Binary ADD of sums of " + channels + " and constant " + repeated)
                .input(sums)
                .constant(Tensor.ofInts(repeated, values))
                .trials(CODES)
                .of(new DeviceOp.Binary(BinaryKind.ADD)));
      }
      cases.add(
          new CaseBuilder("Binary ADD of sums of " + channels + ", first line widened")
              .input(new TensorType(ElementType.INT32, Shape.of(BATCH, 1, channels)))
              .input(sums)
              .trials(CODES)
              .of(new DeviceOp.Binary(BinaryKind.ADD)));
    }
  }
}
