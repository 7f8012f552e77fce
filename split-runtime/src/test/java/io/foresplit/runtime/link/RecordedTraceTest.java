package io.foresplit.runtime.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedTraceTest {
  @TempDir Path folder;

  @Test
  void csvIsConstantBetweenItsPointsAndLoops() throws IOException {
    RecordedTrace trace =
        RecordedTrace.fromCsv(write("seconds,bytes_per_second\n# van\n10,100\n\n12,200\n13,1e3\n"));
    assertThat(trace.lengthSeconds()).isEqualTo(4);
    assertThat(trace.bytesPerSecond(0)).isEqualTo(100);
    assertThat(trace.bytesPerSecond(1.9)).isEqualTo(100);
    assertThat(trace.bytesPerSecond(2)).isEqualTo(200);
    assertThat(trace.bytesPerSecond(3.5)).isEqualTo(1000);
    assertThat(trace.bytesPerSecond(4)).isEqualTo(100);
    assertThat(trace.bytesPerSecond(4002.5)).isEqualTo(200);
    assertThat(trace.meanBytesPerSecond()).isEqualTo((2 * 100 + 200 + 1000) / 4.0);
  }

  @Test
  void csvMayHaveDelayJitterAndLoss() throws IOException {
    RecordedTrace trace = RecordedTrace.fromCsv(write("0,100,0.02,0.003,0.01\n2,200,0.04,0,0.5\n"));

    assertThat(trace.delaySeconds(1)).hasValue(0.02);
    assertThat(trace.jitterSeconds(1)).isEqualTo(0.003);
    assertThat(trace.loss(1)).isEqualTo(0.01);
    assertThat(trace.delaySeconds(3)).hasValue(0.04);
    assertThat(trace.loss(7)).isEqualTo(0.5);
    assertThat(trace.scaledTo(5e6).loss(7)).isEqualTo(0.5);
  }

  @Test
  void aHeadingNamesTheColumns() throws IOException {
    RecordedTrace trace =
        RecordedTrace.fromCsv(write("# van\nloss, Seconds,bytes_per_second\n0.1,0,100\n"));

    assertThat(trace.bytesPerSecond(0)).isEqualTo(100);
    assertThat(trace.loss(0)).isEqualTo(0.1);
    assertThat(trace.delaySeconds(0)).isEmpty();
    assertThat(trace.jitterSeconds(0)).isZero();
  }

  @Test
  void whatIsNoTextIsToldInOneLine() throws IOException {
    Path file = Files.write(folder.resolve("trace"), new byte[] {0, -1, 7, -128, 10, 3});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordedTrace.fromMahimahi(file))
        .withMessageMatching(
            "trace .*, line 1: expected a whole number of milliseconds, was '[ -~]*'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordedTrace.fromCsv(file))
        .withMessageMatching("trace .*, line 1: expected [ -~]*");
  }

  @Test
  void csvOfOnePointIsConstant() throws IOException {
    assertThat(RecordedTrace.fromCsv(write("0,5\n")).bytesPerSecond(77.7)).isEqualTo(5);
  }

  @Test
  void scalesToANominalRate() throws IOException {
    RecordedTrace trace = RecordedTrace.fromCsv(write("0,100\n1,300\n")).scaledTo(5e6);
    assertThat(trace.meanBytesPerSecond()).isCloseTo(5e6, within(1e-3));
    assertThat(trace.bytesPerSecond(1.5)).isCloseTo(7.5e6, within(1e-3));
  }

  @Test
  void mahimahiPacketsAreBinnedAndAnOutageKeepsATrickle() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int millis = 0; millis < 500; millis += 5) {
      lines.append(millis).append('\n');
    }
    lines.append("1000\n1000\n1500\n");
    RecordedTrace trace = RecordedTrace.fromMahimahi(write(lines.toString()));
    assertThat(trace.lengthSeconds()).isEqualTo(1.5);
    assertThat(trace.bytesPerSecond(0.2)).isEqualTo(100 * 1500 / 0.5);
    assertThat(trace.bytesPerSecond(0.7)).isEqualTo(1500 / 0.5);
    assertThat(trace.bytesPerSecond(1.2)).isEqualTo(3 * 1500 / 0.5);
    assertThat(trace.bytesPerSecond(1.7)).isEqualTo(100 * 1500 / 0.5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0,5;x,6     | line 2: expected a finite number, was 'x'
          0,5;1       | line 2: expected 'seconds,bytes_per_second', was '1'
          0,5;1,0     | line 2: bytes per second must be positive, was 0.0
          0,5;0,6     | line 2: seconds must rise, was 0.0 after 0.0
          0,5;1e999,6 | line 2: expected a finite number, was '1e999'
          #           | line 1: expected at least one line
          0,5,-1      | line 1: delay_seconds must be in [0, 3600.0], was -1.0
          0,5,1,1,0.6 | line 1: loss must be in [0, 0.5], was 0.6
          0,5,1;1,5   | line 2: expected 'seconds,bytes_per_second,delay_seconds', was '1,5'
          0,5,1,1,0,9 | line 1: expected 'seconds,bytes_per_second,delay_seconds,jitter_seconds,loss'
          0,5,NaN     | line 1: expected a heading of 'seconds,bytes_per_second' and any of
          0,5;1,5,NaN | line 2: expected 'seconds,bytes_per_second', was '1,5,NaN'
          a,b,c;0,5,1 | line 1: expected a heading of 'seconds,bytes_per_second' and any of
          """)
  void badCsvNamesFileAndLine(String text, String problem) throws IOException {
    Path file = write(text.replace(';', '\n'));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordedTrace.fromCsv(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1;-2 | line 2: expected a whole number of milliseconds, was '-2'
          5;4  | line 2: milliseconds must not fall, was 4 after 5
          #    | line 1: expected at least one line
          """)
  void badMahimahiNamesFileAndLine(String text, String problem) throws IOException {
    Path file = write(text.replace(';', '\n'));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordedTrace.fromMahimahi(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(problem);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("trace"), text);
  }
}
