package io.foresplit.app.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ChildProcessesTest {
  @TempDir private Path logs;

  @Test
  void closingEndsEveryChildEvenAStubbornOne() throws Exception {
    ChildProcess patient;
    ChildProcess stubborn;
    try (ChildProcesses children = new ChildProcesses(logs)) {
      patient = children.start(spec("patient"));
      stubborn = children.start(spec("stubborn"));
      awaitUp(patient);
      awaitUp(stubborn);
      assertThat(patient.isAlive()).isTrue();
    }

    assertThat(patient.isAlive()).isFalse();
    assertThat(stubborn.isAlive()).isFalse();
    assertThat(patient.lastWords()).isEqualTo("up");
  }

  @Test
  void aChildThatFailsTellsItsExitCodeAndItsLastWords() throws Exception {
    try (ChildProcesses children = new ChildProcesses(logs)) {
      ChildProcess child =
          children.start(new ChildProcesses.Spec("broken", Child.class, "32m", List.of(), false));

      assertThat(child.onExit().get(30, TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(child.lastWords()).contains("Child.main");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKilledParentTakesItsChildrenUnlessTheyAreDetached(boolean detached) throws Exception {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                "parent",
                logs.toString(),
                Boolean.toString(detached))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    ProcessHandle child;
    try (BufferedReader said = parent.inputReader(StandardCharsets.UTF_8)) {
      child = ProcessHandle.of(Long.parseLong(said.readLine().substring(4))).orElseThrow();
      assertThat(said.readLine()).isEqualTo("up");
      parent.destroyForcibly().waitFor();
    }
    try {
      if (detached) {
        assertThat(child.isAlive()).isTrue();
      } else {
        assertThat(child.onExit().get(30, TimeUnit.SECONDS).isAlive()).isFalse();
      }
    } finally {
      child.destroyForcibly();
    }
  }

  private static ChildProcesses.Spec spec(String behaviour) {
    return new ChildProcesses.Spec(behaviour, Child.class, "32m", List.of(behaviour), false);
  }

  private static void awaitUp(ChildProcess child) throws Exception {
    while (child.isAlive()
        && !(Files.exists(child.log()) && Files.readString(child.log()).contains("up"))) {
      Thread.onSpinWait();
    }
  }
}
