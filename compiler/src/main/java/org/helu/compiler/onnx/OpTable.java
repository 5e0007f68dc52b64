package org.helu.compiler.onnx;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The ONNX ops that helu imports. A new op is one {@link #add} in the file of its family. */
final class OpTable {
  /** Domain of helu's own op {@code HeLU}. */
  static final String HELU_DOMAIN = "helu";

  /** All ops. */
  static final OpTable ALL = new OpTable();

  private final Map<String, OpImporter> importers = new HashMap<>();

  private OpTable() {
    ActivationOps.register(this);
    ArithmeticOps.register(this);
    ConvPoolOps.register(this);
    MatrixOps.register(this);
    NormalizationOps.register(this);
    QonnxOps.register(this);
    QuantizeOps.register(this);
    ReduceOps.register(this);
    ShapeOps.register(this);
    IndexOps.register(this);
    ConstantOps.register(this);
  }

  /** Registers an op of ONNX's default domain. */
  void add(String opType, OpImporter importer) {
    add("", opType, importer);
  }

  /** Registers an op of another domain. */
  void add(String domain, String opType, OpImporter importer) {
    if (importers.put(key(domain, opType), importer) != null) {
      throw new IllegalStateException(opType + " is registered twice");
    }
  }

  /** The importer of an op, or null where helu does not know the op. */
  OpImporter find(String domain, String opType) {
    return importers.get(key(domain, opType));
  }

  /** Names of all ops, {@code domain::name} outside the default domain, sorted. */
  Set<String> names() {
    return Collections.unmodifiableSet(new TreeSet<>(importers.keySet()));
  }

  private static String key(String domain, String opType) {
    return domain.isEmpty() ? opType : domain + "::" + opType;
  }
}
