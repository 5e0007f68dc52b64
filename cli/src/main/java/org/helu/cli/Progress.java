package org.helu.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on standard error while work is long, and nothing where that is not a terminal. */
final class Progress implements AutoCloseable {
  // The JVM can tell only whether both standard input and output are terminals; the launcher asks
  // the shell about standard error.
  private static final boolean TERMINAL = Boolean.getBoolean("helu.terminal");
  private static final int COLUMNS = 80;

  private final ProgressBar bar;

  private Progress(ProgressBar bar) {
    this.bar = bar;
  }

  /** Shows nothing. */
  static Progress none() {
    return new Progress(null);
  }

  static Progress of(String task, long steps) {
    if (!TERMINAL) {
      return new Progress(null);
    }
    PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true);
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new ConsoleProgressBarConsumer(err, COLUMNS))
            .clearDisplayOnFinish()
            .build());
  }

  /** Tells how many of the steps are done. */
  void reach(long step) {
    if (bar != null) {
      bar.stepTo(step);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  /** One bar after the other, for pieces of work that are told apart by name. */
  static final class Sequence implements AutoCloseable {
    private String current = "";
    private Progress progress;

    /**
     * Tells how far a piece of work has come; a new name starts a new bar.
     *
     * @param total units in all, or -1 if that is not known
     */
    void step(String work, long done, long total) {
      if (progress == null || !work.equals(current)) {
        close();
        current = work;
        progress = Progress.of(work, total);
      }
      progress.reach(done);
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
        progress = null;
      }
    }
  }
}
