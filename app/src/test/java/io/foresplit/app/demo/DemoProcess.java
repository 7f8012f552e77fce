package io.foresplit.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.app.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The program's demo as a process of its own, read line by line. */
final class DemoProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final List<String> lines = new ArrayList<>();
  private final Path report;

  private DemoProcess(Process process, Path report) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.report = report;
  }

  static DemoProcess start(Path data, String... arguments) throws IOException {
    Path report = data.resolve("report.json");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                Main.class.getName(),
                "demo",
                "--port",
                "0",
                "--data",
                data.toString(),
                "--report",
                report.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return new DemoProcess(builder.start(), report);
  }

  /** Reads on until a line that is wanted, and returns it. */
  String awaitLine(Predicate<String> wanted) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      System.out.println("demo| " + line);
      if (wanted.test(line)) {
        return line;
      }
    }
    throw new AssertionError(
        "the demo ended without the wanted line:\n" + String.join("\n", lines));
  }

  /** Reads to the end. */
  int awaitExit() throws IOException, InterruptedException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      System.out.println("demo| " + line);
    }
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the demo does not end");
    }
    return process.exitValue();
  }

  JsonNode report() throws IOException {
    return new ObjectMapper().readTree(report.toFile());
  }

  String text() {
    return String.join("\n", lines);
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** SIGKILL, for it alone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM, as a service manager would; a JVM treats SIGINT alike. */
  void terminate() {
    process.destroy();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
