package io.foresplit.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.runtime.data.DrawnDataset;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class ModesCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new BenchCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void aFewStepsGiveARowOfEachMode() {
    int code = run("modes", "--steps", "2", "--clients", "2", "--held-out", "50", "--seeds", "2");

    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    assertThat(out.toString().lines().skip(4))
        .hasSize(Mode.values().length)
        .allMatch(
            row -> row.matches("\\| [a-z -]+( \\| (\\d+\\.\\d %|–) \\| (\\d+\\.\\d|–)){2} \\|"))
        .anyMatch(row -> row.startsWith("| split-federated | "));
  }

  @Test
  void wrongUsageIsRefused() {
    assertThat(run("modes", "--clients", "1")).isEqualTo(2);
    assertThat(err.toString()).contains("--clients must be 2 to 100, was 1");
    assertThat(run("modes", "--steps", "0")).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void everyModeLearnsAndRepeats(Mode mode) {
    ModesBench bench =
        new ModesBench(new DrawnDataset(1, 600), new DrawnDataset(2, 200), 2, 60, 200, () -> 0);

    double accuracy = bench.accuracy(mode, Sharding.IID, 1);

    assertThat(accuracy).isGreaterThan(0.2).isEqualTo(bench.accuracy(mode, Sharding.IID, 1));
  }
}
