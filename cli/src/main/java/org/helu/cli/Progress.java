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
}
