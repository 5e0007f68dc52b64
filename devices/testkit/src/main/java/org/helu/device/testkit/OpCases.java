package org.helu.device.testkit;

import java.util.ArrayList;
import java.util.List;

/** The table of op cases: every device op, every attribute that matters, awkward sizes. */
public final class OpCases {
  private OpCases() {}

  /** All cases. */
  public static List<OpCase> all() {
    return everyNthInteger(1);
  }

  /** All cases of float ops, and every {@code stride}-th of the many of integer ops. */
  static List<OpCase> everyNthInteger(int stride) {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(MatrixCases.all());
    cases.addAll(ElementwiseCases.all());
    cases.addAll(WindowCases.all());
    cases.addAll(ShapeCases.all());
    List<OpCase> integers = new ArrayList<>(IntegerCases.all());
    integers.addAll(CodeCases.all());
    for (int i = 0; i < integers.size(); i += stride) {
      cases.add(integers.get(i));
    }
    return cases;
  }
}
