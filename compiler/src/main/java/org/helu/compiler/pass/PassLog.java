package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Node;

/** Collects what passes did to nodes, for the compile report. */
public final class PassLog {
  /**
   * One remark.
   *
   * @param pass who
   * @param node name of the node concerned
   * @param text what happened, or why nothing did
   */
  public record Note(String pass, String node, String text) {}

  private final List<Note> notes = new ArrayList<>();
  private String pass = "";

  /** Sets the pass that the following notes are of. */
  public void enter(String passName) {
    pass = passName;
  }

  /** Adds a remark once. */
  public void note(Node node, String text) {
    Note note = new Note(pass, node.name(), text);
    if (!notes.contains(note)) {
      notes.add(note);
    }
  }

  /** All remarks in order. */
  public List<Note> notes() {
    return List.copyOf(notes);
  }
}
