package org.helu.bench;

import java.util.Locale;

/** Numbers as people read them; what is unknown is a dash. */
final class Format {
  private static final String NONE = "-";

  private Format() {}

  /** A time with three significant digits, such as {@code 12.3 us}. */
  static String nanos(double nanos) {
    if (!Double.isFinite(nanos)) {
      return NONE;
    }
    String[] units = {"ns", "us", "ms", "s"};
    double value = nanos;
    int unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return significant(value) + " " + units[unit];
  }

  /** Three significant digits, never in exponents. */
  static String significant(double value) {
    double size = Math.abs(value);
    int decimals = size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A factor, such as {@code 1.85x}. */
  static String factor(double factor) {
    return Double.isFinite(factor) ? significant(factor) + "x" : NONE;
  }

  static String percent(double fraction) {
    return Double.isFinite(fraction) ? String.format(Locale.ROOT, "%.2f %%", 100 * fraction) : NONE;
  }

  /** A spread, such as {@code 3.1 %}. */
  static String spread(double fraction) {
    return Double.isFinite(fraction) ? String.format(Locale.ROOT, "%.1f %%", 100 * fraction) : NONE;
  }

  /** A count with thousands separated. */
  static String count(double count) {
    return Double.isFinite(count) ? String.format(Locale.ROOT, "%,.0f", count) : NONE;
  }

  static String bytes(long bytes) {
    if (bytes < 0) {
      return NONE;
    }
    String[] units = {"B", "KiB", "MiB", "GiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }

  /** An energy, such as {@code 1.20 mJ}. */
  static String joules(double joules) {
    if (!Double.isFinite(joules)) {
      return NONE;
    }
    return joules >= 1 ? significant(joules) + " J" : significant(joules * 1e3) + " mJ";
  }
}
