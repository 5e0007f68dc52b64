package org.helu.runtime.tool;

import java.nio.file.Path;

/** Where what programs built is kept between runs. */
public final class CacheFolder {
  private CacheFolder() {}

  /**
   * The folder for one kind of product, absolute; it need not be there yet: {@code
   * -Dhelu.KIND.cache}, else {@code helu/KIND} below {@code XDG_CACHE_HOME} or {@code ~/.cache}.
   */
  public static Path of(String kind) {
    String chosen = System.getProperty(property(kind), "");
    if (!chosen.isEmpty()) {
      return Path.of(chosen).toAbsolutePath();
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg != null && !xdg.isEmpty()
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("helu").resolve(kind).toAbsolutePath();
  }

  /** The property that chooses another folder. */
  public static String property(String kind) {
    return "helu." + kind + ".cache";
  }
}
