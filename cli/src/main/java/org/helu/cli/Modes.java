package org.helu.cli;

import java.util.Arrays;
import java.util.Iterator;
import org.helu.compiler.Mode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Compiler modes by the names that files and reports use. */
final class Modes implements Iterable<String>, ITypeConverter<Mode> {
  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(Mode.values()).map(Mode::label).iterator();
  }

  @Override
  public Mode convert(String label) {
    for (Mode mode : Mode.values()) {
      if (mode.label().equals(label)) {
        return mode;
      }
    }
    throw new TypeConversionException("expected one of " + String.join(", ", this));
  }
}
