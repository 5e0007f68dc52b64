package org.helu.compiler.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A set of names that hands out unused ones. */
final class Names {
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> next = new HashMap<>();

  /** Takes a name; false where it was taken. */
  boolean add(String name) {
    return taken.add(name);
  }

  /** {@code base}, or {@code base.2}, {@code base.3}… where it is taken; the name is then taken. */
  String fresh(String base) {
    if (taken.add(base)) {
      return base;
    }
    // The counter keeps a thousand equal names from costing a million look-ups.
    int i = next.getOrDefault(base, 2);
    while (!taken.add(base + "." + i)) {
      i++;
    }
    next.put(base, i + 1);
    return base + "." + i;
  }
}
