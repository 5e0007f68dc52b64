package org.helu.device.rtl.design;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Versions of yosys whose LUT counts were measured. They differ by up to a third, mostly because
 * the newer one's abc9 shares more.
 */
public enum Yosys {
  /** Debian 12's. */
  V0_23,
  /** Debian unstable's of November 2026; what estimates are for unless said otherwise. */
  V0_66;

  private static final Pattern VERSION = Pattern.compile("Yosys 0\\.(\\d+)");

  /** The measured version nearest to what {@code yosys -V} prints. */
  public static Yosys nearest(String printed) {
    Matcher matcher = VERSION.matcher(printed);
    boolean old = matcher.find() && Integer.parseInt(matcher.group(1)) < (23 + 66) / 2;
    return old ? V0_23 : V0_66;
  }
}
