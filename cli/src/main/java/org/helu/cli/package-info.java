/**
 * The {@code helu} command: one class per subcommand, which parses options, calls the runtime, the
 * compiler or the samples, and prints. docs/cli.md describes all of it.
 */
package org.helu.cli;
