package io.foresplit.app.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.bench.BenchCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class PipelineCommandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --segments 12     | --segments must be multiples of 5 up to 100000, was 12
          --segments 10,0   | --segments must be multiples of 5 up to 100000, was 0
          --seconds 0       | --seconds must be 1 to 60, was 0
          --interval 50     | --interval must be 100 to 10000 milliseconds, was 50
          """)
  void wrongUsageIsRefused(String arguments, String message) {
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new BenchCommand())
            .setErr(new PrintWriter(err, true))
            .execute(("pipeline " + arguments).split(" "));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }
}
