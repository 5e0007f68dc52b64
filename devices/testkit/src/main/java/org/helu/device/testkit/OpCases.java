package org.helu.device.testkit;

import java.util.ArrayList;
import java.util.List;

/** The table of op cases: every device op, every attribute that matters, awkward sizes. */
public final class OpCases {
  private OpCases() {}

  /** All cases. */
  public static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(MatrixCases.all());
    cases.addAll(ElementwiseCases.all());
    cases.addAll(WindowCases.all());
    cases.addAll(ShapeCases.all());
    cases.addAll(IntegerCases.all());
    cases.addAll(CodeCases.all());
    return cases;
  }
}
