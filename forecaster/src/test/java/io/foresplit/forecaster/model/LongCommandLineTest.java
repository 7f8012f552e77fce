package io.foresplit.forecaster.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A command line that ONNX Runtime would crash on is refused in one line instead. */
@Timeout(60)
class LongCommandLineTest {
  /** Loads the model in a process of its own. */
  static final class Loads {
    private Loads() {}

    public static void main(String[] arguments) {
      try (Forecasters forecasters = Forecasters.of(null)) {
        System.out.println(forecasters.all().get(0).name());
      } catch (ModelFileException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static String said(int lengthOfArgument) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            Loads.class.getName(),
            "x".repeat(lengthOfArgument));
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return said.strip();
  }

  @Test
  void anUsualOneIsServed() throws Exception {
    assertThat(said(3000)).startsWith("foresplit-large/");
  }

  @Test
  void aLongOneIsRefusedWithTheWayOut() throws Exception {
    assumeThat(Files.exists(Path.of("/proc/self/cmdline"))).isTrue();
    assertThat(said(6000))
        .startsWith("the bundled model")
        .contains("the command line of this program has 6")
        .contains("environment variable CLASSPATH")
        .doesNotContain("\n");
  }
}
