package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code forecast}, {@code detect} and {@code diagnose}, as called. */
class OfflineCommandsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private int run(Object... arguments) {
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(words);
  }

  private Path file(String text) throws Exception {
    return Files.writeString(folder.resolve("input.csv"), text);
  }

  private static String noise(int rows) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder("timestamp,value\n");
    for (int i = 0; i < rows; i++) {
      text.append(1_700_000_000 + 60 * i).append(',').append(random.nextGaussian()).append('\n');
    }
    return text.toString();
  }

  @Test
  void aForecastHasAllStepsAndDeciles() throws Exception {
    assertThat(run("forecast", "--input", file(noise(200)), "--horizon", 3)).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines.get(0)).isEqualTo("series,origin,step,q10,q20,q30,q40,q50,q60,q70,q80,q90");
    assertThat(lines).hasSize(4);
    assertThat(lines.get(3)).startsWith(",1700011940,3,").matches("(?:[^,]*,){11}[^,]*");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void rollingOriginsDoNotOverlap() throws Exception {
    Path output = folder.resolve("out.csv");
    assertThat(
            run(
                "forecast",
                "--input",
                file(noise(100)),
                "--horizon",
                10,
                "--rolling",
                "--output",
                output))
        .isZero();
    List<String> origins =
        Files.readAllLines(output).stream()
            .skip(1)
            .map(line -> line.split(",", -1)[1])
            .distinct()
            .toList();
    assertThat(origins).containsExactly("1700003780", "1700004380", "1700004980");
  }

  @Test
  void severalSeriesInAnyOrderOfRowsAndColumns() throws Exception {
    StringBuilder text = new StringBuilder("Value,series,TimeStamp,other\n");
    for (int i = 20; i > 0; i--) {
      text.append(7).append(",flat,2024-01-01 00:").append(i + 10).append(":00,x\n");
      text.append(i).append(",line,2024-01-01T00:").append(i + 10).append(":00Z,x\n");
    }
    assertThat(run("forecast", "--input", file(text.toString()), "--horizon", 1)).isZero();
    assertThat(out.toString())
        .contains("flat,2024-01-01 00:30:00,1,7,7,7,7,7,7,7,7,7\n")
        .contains("line,2024-01-01T00:30:00Z,1,");
    assertThat(err.toString())
        .contains("note: 38 rows earlier than the row before, the first in line 4: sorted by time")
        .contains("note: 1 series constant, from line 2: forecast as that constant");
  }

  @Test
  void detectKeepsEveryRowInItsPlace() throws Exception {
    String text = "timestamp,value\n10,1\n30,\n20,NaN\n20,2\n20,2.50\n";
    Path output = folder.resolve("scores.csv");
    assertThat(run("detect", "--input", file(text), "--output", output)).isZero();
    assertThat(Files.readAllLines(output))
        .containsExactly(
            "timestamp,value,anomaly_score",
            "10,1,0.000000",
            "30,,0.000000",
            "20,NaN,0.000000",
            "20,2,0.000000",
            "20,2.50,0.000000");
    assertThat(err.toString())
        .contains("note: 2 rows without a finite value, the first in line 3")
        .contains("note: 1 row earlier than the row before, in line 4")
        .contains("note: 2 rows with the time of another row of the series, the first in line 5");
  }

  @Test
  void aSpikeScoresHighest() throws Exception {
    List<String> rows = new ArrayList<>(noise(2000).lines().toList());
    rows.set(1501, rows.get(1501).split(",", -1)[0] + ",30");
    Path output = folder.resolve("scores.csv");
    assertThat(run("detect", "--input", file(String.join("\n", rows)), "--output", output))
        .isZero();
    String highest =
        Files.readAllLines(output).stream()
            .skip(1)
            .max(Comparator.comparingDouble(r -> Double.parseDouble(r.split(",", -1)[2])))
            .orElseThrow();
    assertThat(highest).contains(",30,0.");
  }

  @Test
  void whatCannotBeUsedIsOneLineAndCode2() throws Exception {
    Path output = folder.resolve("scores.csv");
    assertProblem(
        "timestamp,value\n1,1\n2,much\n", "line 3: expected a number as value, was 'much'");
    assertProblem("timestamp,valeu\n1,1\n", "expected the columns timestamp,value");
    assertProblem("timestamp,value\nnoon,1\n", "line 2: expected a time");
    assertProblem("timestamp,value\n1\n", "line 2: expected at least 2 columns, was 1");
    assertProblem("timestamp,value\n1,\n2,\n", "none of 2 rows has one");
    assertProblem("timestamp,value\n", "there are none");
    assertProblem("", "was empty");
    assertThat(output).doesNotExist();
    assertThat(run("detect", "--input", folder.resolve("none.csv"), "--output", output))
        .isEqualTo(2);
    assertThat(folder).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void oddTimesAreOneLineEverywhere() throws Exception {
    Path shop = shop();
    Path metrics = folder.resolve("metrics.csv");
    for (String time :
        List.of(
            "2026-01",
            "2026-",
            "2026-1-1",
            "-",
            "\"\"",
            "2026-13-45 99:00:00",
            "2026-11-21T",
            "1e300",
            "\"2026-11\n-21\"",
            "2026-" + "9".repeat(100_000))) {
      assertProblem("timestamp,value\n" + time + ",1\n", "expected a time");
      assertThat(err.toString().length()).isLessThan(500);
      Files.writeString(metrics, "timestamp,component,metric,value\n" + time + ",a,m,1\n");
      assertOnset("diagnose", "--metrics", metrics);
      assertOnset("diagnose", "--metrics", shop, "--onset", time.replace("\"", ""));
    }
  }

  private void assertOnset(Object... arguments) {
    err.getBuffer().setLength(0);
    assertThat(run(arguments)).isEqualTo(2);
    assertThat(err.toString().lines()).singleElement().asString().contains("expected a time");
    assertThat(err.toString().length()).isLessThan(500);
  }

  @Test
  void valuesWithoutRoomForAForecastAreOneLine() throws Exception {
    assertProblem(
        "timestamp,value\n1,1\n2,-1e308\n",
        "line 3: expected a number from -1e300 to 1e300, was '-1e308'");
  }

  @Test
  void moreSeriesThanFitAreOneLine() throws Exception {
    StringBuilder text = new StringBuilder("series,timestamp,value\n");
    for (int i = 0; i <= 20_000; i++) {
      text.append('s').append(i).append(",1,1\n");
    }
    Path output = folder.resolve("scores.csv");
    assertThat(run("detect", "--input", file(text.toString()), "--output", output)).isEqualTo(2);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("line 20002: expected at most 20000 series")
        .contains("'s20000'; split the file");
    assertThat(folder).isDirectoryNotContaining("glob:**.csv.part");
    assertThat(output).doesNotExist();
  }

  @Test
  void noiseHasNoDiagnosis() throws Exception {
    Random random = new Random(5);
    StringBuilder text = new StringBuilder("timestamp,component,metric,value\n");
    for (int i = 0; i < 600; i++) {
      for (String component : List.of("front", "cart", "mail", "till")) {
        text.append(60 * i).append(',').append(component).append(",latency,");
        text.append(random.nextGaussian()).append('\n');
      }
    }
    assertThat(run("diagnose", "--metrics", file(text.toString()))).isZero();
    assertThat(out.toString()).contains("4 series, onset not known: nothing stands out");
    assertThat(err.toString()).contains("note: no shift of the series stands out");
  }

  private void assertProblem(String text, String expected) throws Exception {
    err.getBuffer().setLength(0);
    Path input = file(text);
    assertThat(run("detect", "--input", input, "--output", folder.resolve("scores.csv")))
        .isEqualTo(2);
    assertThat(err.toString().lines()).singleElement().asString().contains(expected);
    err.getBuffer().setLength(0);
    assertThat(run("forecast", "--input", input)).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains(expected).doesNotContain("\tat ");
  }

  @Test
  void anOutputThatIsTheInputIsRefused() throws Exception {
    Path input = file(noise(50));
    assertThat(run("detect", "--input", input, "--output", input)).isEqualTo(2);
    assertThat(input).hasContent(noise(50));
  }

  private Path shop() throws Exception {
    Random random = new Random(4);
    StringBuilder text = new StringBuilder("timestamp,component,metric,value\n");
    for (int i = 0; i < 120; i++) {
      for (String component : List.of("front", "cart", "mail")) {
        double bad = i >= 100 && !component.equals("mail") ? 50 : 0;
        text.append(1_700_000_000_000L + 60_000L * i)
            .append(',')
            .append(component)
            .append(",latency,")
            .append(10 + bad + random.nextGaussian())
            .append('\n');
      }
    }
    return file(text.toString());
  }

  @Test
  void aDiagnosisFollowsTheCalls() throws Exception {
    Path calls = folder.resolve("calls.json");
    Files.writeString(calls, "{\"edges\":[{\"from\":\"front\",\"to\":\"cart\"}]}");
    assertThat(run("diagnose", "--metrics", shop(), "--topology", calls, "--json")).isZero();
    JsonNode root = new ObjectMapper().readTree(out.toString());
    assertThat(root.path("abstained").booleanValue()).isFalse();
    assertThat(root.path("onset").textValue()).isEqualTo("2023-11-14T23:53:20Z");
    assertThat(root.at("/ranked/0/component").textValue()).isEqualTo("cart");
    assertThat(root.at("/ranked/0/metric").textValue()).isEqualTo("latency");
    assertThat(root.at("/ranked/0/score").doubleValue()).isBetween(0.5, 1.0);
    assertThat(root.at("/ranked/0/evidence").textValue()).startsWith("latency went from");
    assertThat(root.path("problems")).isEmpty();
  }

  @Test
  void theTableIsForPeople() throws Exception {
    assertThat(run("diagnose", "--metrics", shop(), "--onset", "2023-11-14 23:53:20")).isZero();
    assertThat(out.toString())
        .startsWith("3 series, onset 2023-11-14T23:53:20Z")
        .contains("component  score  evidence");
  }

  @Test
  void wrongTopologiesAndOnsetsAreOneLine() throws Exception {
    Path shop = shop();
    Path calls = Files.writeString(folder.resolve("calls.json"), "{\"edges\":[{\"from\":1}]}");
    assertThat(run("diagnose", "--metrics", shop, "--topology", calls)).isEqualTo(2);
    assertThat(err.toString()).contains("edge 1: expected the names from and to");
    Files.writeString(calls, "[");
    assertThat(run("diagnose", "--metrics", shop, "--topology", calls)).isEqualTo(2);
    assertThat(err.toString()).contains("expected JSON");
    assertThat(run("diagnose", "--metrics", shop, "--onset", "1999-01-01")).isEqualTo(2);
    assertThat(err.toString()).contains("--onset: expected a time after");
  }
}
