package org.helu.cli;

/** A drawing in Graphviz's DOT language. */
final class DotWriter {
  private DotWriter() {}

  static String write(String name, Drawing drawing) {
    StringBuilder text = new StringBuilder();
    text.append("digraph ").append(quote(name)).append(" {\n");
    text.append("  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
    text.append("  edge [fontname=\"sans-serif\", fontsize=9];\n");
    for (int i = 0; i < drawing.boxes().size(); i++) {
      Drawing.Box box = drawing.boxes().get(i);
      String label = box.detail().isEmpty() ? box.title() : box.title() + "\n" + box.detail();
      text.append("  n").append(i).append(" [label=").append(quote(label));
      text.append(box.role() == Drawing.Role.NODE ? "" : ", style=rounded").append("];\n");
    }
    for (Drawing.Arrow arrow : drawing.arrows()) {
      text.append("  n").append(arrow.from()).append(" -> n").append(arrow.to());
      text.append(" [label=").append(quote(arrow.label()));
      text.append(arrow.gated() ? ", style=dashed" : "").append("];\n");
    }
    return text.append("}\n").toString();
  }

  /** A quoted string; names come from files and may hold anything. */
  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        default -> quoted.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
    return quoted.append('"').toString();
  }
}
