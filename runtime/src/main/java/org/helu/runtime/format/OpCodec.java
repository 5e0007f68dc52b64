package org.helu.runtime.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.OpException;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;

/**
 * JSON form of device ops: {@code op} is the record's name, {@code attributes} its components.
 *
 * <p>Encoding is a switch over the sealed type, so that javac finds a new op here; {@code
 * OpCodecTest} finds one that decoding lacks. Decoding is a switch as well: a map of lambdas would
 * cost every program that reads a file some tens of milliseconds at its start.
 */
final class OpCodec {
  private OpCodec() {}

  /** The attributes of {@code op}: an object with one field per record component. */
  static ObjectNode encode(DeviceOp op) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    switch (op) {
      case DeviceOp.Dense(boolean bias, boolean residual, List<Epilogue> epilogues) -> {
        json.put("bias", bias).put("residual", residual);
        json.set("epilogues", epilogues(epilogues));
      }
      case DeviceOp.Conv2d conv -> {
        json.set("window", window(conv.window()));
        json.put("groups", conv.groups());
        json.put("bias", conv.bias()).put("residual", conv.residual());
        json.set("epilogues", epilogues(conv.epilogues()));
      }
      case DeviceOp.Pool2d(PoolKind kind, Window window, boolean ceil) -> {
        json.put("kind", kind.name());
        json.set("window", window(window));
        json.put("ceil", ceil);
      }
      case DeviceOp.Gate() -> {}
      case DeviceOp.Unary(UnaryKind kind, float a, float b) -> {
        json.put("kind", kind.name());
        json.set("a", TypeCodec.number(a));
        json.set("b", TypeCodec.number(b));
      }
      case DeviceOp.Binary(BinaryKind kind) -> json.put("kind", kind.name());
      case DeviceOp.Where() -> {}
      case DeviceOp.Cast(ElementType to) -> json.put("to", to.name());
      case DeviceOp.Reduce(ReduceKind kind, List<Integer> axes, boolean keepDims) -> {
        json.put("kind", kind.name());
        json.set("axes", integers(axes));
        json.put("keepDims", keepDims);
      }
      case DeviceOp.Reshape reshape -> json.set("target", TypeCodec.shape(reshape.target()));
      case DeviceOp.Transpose(List<Integer> perm) -> json.set("perm", integers(perm));
      case DeviceOp.Concat(int axis) -> json.put("axis", axis);
      case DeviceOp.Slice(List<Integer> begin, List<Integer> size, List<Integer> step) -> {
        json.set("begin", integers(begin));
        json.set("size", integers(size));
        json.set("step", integers(step));
      }
      case DeviceOp.Pad(List<Integer> before, List<Integer> after, PadMode mode, float value) -> {
        json.set("before", integers(before));
        json.set("after", integers(after));
        json.put("mode", mode.name());
        json.set("value", TypeCodec.number(value));
      }
      case DeviceOp.Gather(int axis) -> json.put("axis", axis);
      case DeviceOp.Softmax(int axis, boolean log) -> json.put("axis", axis).put("log", log);
      case DeviceOp.LayerNorm(int axis, float epsilon) -> {
        json.put("axis", axis);
        json.set("epsilon", TypeCodec.number(epsilon));
      }
      case DeviceOp.BatchMatMul() -> {}
      case IntegerOp.IntegerDense dense -> {
        json.set("codes", codes(dense.codes()));
        json.put("residual", dense.residual());
        json.set("epilogues", epilogues(dense.epilogues()));
      }
      case IntegerOp.IntegerConv2d conv -> {
        json.set("window", window(conv.window()));
        json.put("groups", conv.groups());
        json.set("codes", codes(conv.codes()));
        json.put("residual", conv.residual());
        json.set("epilogues", epilogues(conv.epilogues()));
      }
      case IntegerOp.Convert convert -> json.set("epilogues", epilogues(convert.epilogues()));
    }
    return json;
  }

  /**
   * The op called {@code name}.
   *
   * @throws FormatException if the name, a field or an enum value is unknown, or a field is missing
   */
  static DeviceOp decode(String name, JsonFields attributes, String place) {
    try {
      DeviceOp op = decode(name, attributes);
      if (op == null) {
        throw new FormatException(
            place + ": unknown op " + JsonFields.quote(name),
            "the file was written by another version of helu; compile the model again");
      }
      attributes.done();
      return op;
    } catch (OpException e) {
      throw new FormatException(attributes.place() + ": " + e.getMessage());
    }
  }

  private static DeviceOp decode(String name, JsonFields f) {
    return switch (name) {
      case "Dense" -> new DeviceOp.Dense(f.bool("bias"), f.bool("residual"), epilogues(f));
      case "Conv2d" ->
          new DeviceOp.Conv2d(
              window(f), f.integer("groups"), f.bool("bias"), f.bool("residual"), epilogues(f));
      case "Pool2d" ->
          new DeviceOp.Pool2d(f.constant("kind", PoolKind.class), window(f), f.bool("ceil"));
      case "Gate" -> new DeviceOp.Gate();
      case "Unary" ->
          new DeviceOp.Unary(f.constant("kind", UnaryKind.class), f.float32("a"), f.float32("b"));
      case "Binary" -> new DeviceOp.Binary(f.constant("kind", BinaryKind.class));
      case "Where" -> new DeviceOp.Where();
      case "Cast" -> new DeviceOp.Cast(f.constant("to", ElementType.class));
      case "Reduce" ->
          new DeviceOp.Reduce(
              f.constant("kind", ReduceKind.class), f.integers("axes"), f.bool("keepDims"));
      case "Reshape" -> new DeviceOp.Reshape(TypeCodec.shape(f, "target"));
      case "Transpose" -> new DeviceOp.Transpose(f.integers("perm"));
      case "Concat" -> new DeviceOp.Concat(f.integer("axis"));
      case "Slice" ->
          new DeviceOp.Slice(f.integers("begin"), f.integers("size"), f.integers("step"));
      case "Pad" ->
          new DeviceOp.Pad(
              f.integers("before"),
              f.integers("after"),
              f.constant("mode", PadMode.class),
              f.float32("value"));
      case "Gather" -> new DeviceOp.Gather(f.integer("axis"));
      case "Softmax" -> new DeviceOp.Softmax(f.integer("axis"), f.bool("log"));
      case "LayerNorm" -> new DeviceOp.LayerNorm(f.integer("axis"), f.float32("epsilon"));
      case "BatchMatMul" -> new DeviceOp.BatchMatMul();
      case "IntegerDense" -> new IntegerOp.IntegerDense(codes(f), f.bool("residual"), epilogues(f));
      case "IntegerConv2d" ->
          new IntegerOp.IntegerConv2d(
              window(f), f.integer("groups"), codes(f), f.bool("residual"), epilogues(f));
      case "Convert" -> {
        List<Epilogue> epilogues = epilogues(f);
        if (epilogues.size() != 1) {
          throw new FormatException(
              f.place("epilogues") + ": expected 1 epilogue, found " + epilogues.size());
        }
        yield new IntegerOp.Convert(epilogues.getFirst());
      }
      default -> null;
    };
  }

  private static ArrayNode integers(List<Integer> values) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    values.forEach(value -> array.add(value.intValue()));
    return array;
  }

  private static ArrayNode epilogues(List<Epilogue> epilogues) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (Epilogue epilogue : epilogues) {
      switch (epilogue) {
        case Epilogue.Gate() -> array.addObject().put("kind", "gate");
        case Epilogue.Affine() -> array.addObject().put("kind", "affine");
        case Epilogue.Threshold(int steps, ElementType to) ->
            array.addObject().put("kind", "threshold").put("steps", steps).put("to", to.name());
        case Epilogue.Requantize(int shift, int high) ->
            array.addObject().put("kind", "requantize").put("shift", shift).put("high", high);
        case Epilogue.Quantize(float scale, int zeroPoint, int high) -> {
          ObjectNode json = array.addObject().put("kind", "quantize");
          json.set("scale", TypeCodec.number(scale));
          json.put("zeroPoint", zeroPoint).put("high", high);
        }
      }
    }
    return array;
  }

  private static List<Epilogue> epilogues(JsonFields fields) {
    JsonNode array = fields.array("epilogues");
    List<Epilogue> epilogues = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      String place = fields.place("epilogues") + "[" + i + "]";
      JsonFields epilogue = new JsonFields(array.get(i), place);
      String kind = epilogue.text("kind");
      epilogues.add(
          switch (kind) {
            case "gate" -> Epilogue.GATE;
            case "affine" -> Epilogue.AFFINE;
            case "threshold" ->
                new Epilogue.Threshold(
                    epilogue.integer("steps"), epilogue.constant("to", ElementType.class));
            case "requantize" ->
                new Epilogue.Requantize(epilogue.integer("shift"), epilogue.integer("high"));
            case "quantize" ->
                new Epilogue.Quantize(
                    epilogue.float32("scale"),
                    epilogue.integer("zeroPoint"),
                    epilogue.integer("high"));
            default ->
                throw new FormatException(
                    place + ": unknown epilogue " + JsonFields.quote(kind),
                    "the file was written by another version of helu; compile the model again");
          });
      epilogue.done();
    }
    return epilogues;
  }

  private static ObjectNode codes(Codes codes) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    return json.put("step", codes.step()).put("zero", codes.zero()).put("pad", codes.pad());
  }

  private static Codes codes(JsonFields fields) {
    JsonFields codes = fields.object("codes");
    Codes read = new Codes(codes.integer("step"), codes.integer("zero"), codes.integer("pad"));
    codes.done();
    return read;
  }

  private static ObjectNode window(Window window) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("kernel", integers(List.of(window.kernelH(), window.kernelW())));
    json.set("stride", integers(List.of(window.strideH(), window.strideW())));
    json.set("dilation", integers(List.of(window.dilationH(), window.dilationW())));
    json.set(
        "pad",
        integers(
            List.of(window.padTop(), window.padLeft(), window.padBottom(), window.padRight())));
    return json;
  }

  private static Window window(JsonFields fields) {
    JsonFields window = fields.object("window");
    List<Integer> kernel = integers(window, "kernel", 2);
    List<Integer> stride = integers(window, "stride", 2);
    List<Integer> dilation = integers(window, "dilation", 2);
    List<Integer> pad = integers(window, "pad", 4);
    window.done();
    return new Window(
        kernel.get(0),
        kernel.get(1),
        stride.get(0),
        stride.get(1),
        dilation.get(0),
        dilation.get(1),
        pad.get(0),
        pad.get(1),
        pad.get(2),
        pad.get(3));
  }

  private static List<Integer> integers(JsonFields fields, String name, int count) {
    List<Integer> values = fields.integers(name);
    if (values.size() != count) {
      throw new FormatException(
          fields.place(name) + ": expected " + count + " integers, found " + values.size());
    }
    return values;
  }
}
