package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code diagnose} on tables in the forms that others write them in. */
class DiagnoseFormsTest {
  private static final long START = 1_700_000_000;
  private static final int ROWS = 720;
  private static final int ONSET = 420;
  private static final List<String> SERVICES = List.of("front-end", "carts", "orders", "user-db");

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

  private JsonNode diagnosis(Object... arguments) throws Exception {
    out.getBuffer().setLength(0);
    assertThat(run(arguments)).as(err.toString()).isZero();
    return new ObjectMapper().readTree(out.toString());
  }

  private Path write(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }

  private static boolean struck(String service, int row) {
    return service.equals("orders") && row >= ONSET;
  }

  /**
   * A row a second, an index without a name, a counter, a constant, an empty column and gaps;
   * orders burns processor time, and the front waits for it.
   */
  private Path wide(int unitsPerSecond) throws Exception {
    Random random = new Random(2);
    StringBuilder text = new StringBuilder(",time");
    for (String service : SERVICES) {
      text.append(
          ",%1$s_cpu,%1$s_latency-50,%1$s_latency-90,%1$s_net-bytes_total".formatted(service));
    }
    text.append(",carts_limit,user-db_disk-io\n");
    for (int i = 0; i < ROWS; i++) {
      text.append(i).append(',').append((START + i) * unitsPerSecond);
      for (String service : SERVICES) {
        boolean slow = struck(service, i) || (struck("orders", i) && service.equals("front-end"));
        double latency = (slow ? 0.4 : 0.1) + 0.02 * random.nextGaussian();
        double cpu = (struck(service, i) ? 1.5 : 0.1) + 0.02 * random.nextGaussian();
        text.append(',').append(random.nextInt(50) == 0 ? "" : cpu);
        text.append(',').append(latency).append(',').append(1.8 * latency);
        text.append(',').append(1000L * i + random.nextInt(500));
      }
      text.append(",2,\n");
    }
    return write("data.csv", text.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -60, 60})
  void aTableOfATimeARowIsDiagnosedAroundAnOnsetThatMayBeWrong(int late) throws Exception {
    JsonNode root =
        diagnosis("diagnose", "--metrics", wide(1), "--onset", START + ONSET + late, "--json");

    assertThat(root.at("/ranked/0/component").textValue()).isEqualTo("orders");
    assertThat(root.at("/ranked/0/metric").textValue()).isEqualTo("cpu");
    assertThat(root.path("problems").toString())
        .contains("1 column without a name left out", "1 series constant", "without any value");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000})
  void theOnsetIsEstimatedInSecondsAndMilliseconds(int unitsPerSecond) throws Exception {
    JsonNode root = diagnosis("diagnose", "--metrics", wide(unitsPerSecond), "--json");

    assertThat(root.path("onset").textValue()).startsWith("2023-11-14T22:20:");
    assertThat(root.at("/ranked/0/component").textValue()).isEqualTo("orders");
  }

  /** A line of components, one of metrics, one of statistics, and a matrix of calls. */
  private Path stacked(String name, int from, int to, int onset) throws Exception {
    Random random = new Random(from);
    StringBuilder text =
        new StringBuilder(
            """
            microservice,shop,search_ECS::Fargate,mail
            metric,latency,latency,latency
            statistic,Average,Average,p90
            unix_timestamp,,,
            """);
    for (int i = from; i < to; i++) {
      double bad = i >= onset ? 50 : 0;
      text.append(START + 300L * i).append(".0,");
      text.append(10 + bad + random.nextGaussian()).append(',');
      text.append(5 + bad + random.nextGaussian()).append(',');
      text.append(i % 9 == 0 ? "" : 3 + random.nextGaussian()).append('\n');
    }
    return write(name, text.toString());
  }

  @Test
  void aTableWithLinesOfNamesFollowsANormalTimeOfAnotherDay() throws Exception {
    Path calls =
        write(
            "graph.csv", ",shop,search_ECS::Fargate\nshop,0.0,1.0\nsearch_ECS::Fargate,0.0,0.0\n");

    JsonNode root =
        diagnosis(
            "diagnose",
            "--metrics",
            stacked("issue.csv", 200, 210, 205),
            "--normal",
            stacked("normal.csv", 1000, 1200, 1200),
            "--topology",
            calls,
            "--onset",
            START + 300L * 205,
            "--json");

    assertThat(root.at("/ranked/0/component").textValue()).isEqualTo("search_ECS::Fargate");
    assertThat(root.at("/ranked/0/metric").textValue()).isEqualTo("latency Average");
    assertThat(root.at("/ranked/0/evidence").textValue()).contains("1 caller changed too");
    assertThat(root.path("ranked")).hasSize(2);
  }

  @Test
  void whatIsNoTableOfMetricsIsOneLine() throws Exception {
    assertThat(run("diagnose", "--metrics", write("a.csv", "a,b\n1,2\n3,4\n5,6\n7,8\n")))
        .isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "a.csv, line 1: expected the columns timestamp,component,metric,value, or a column")
        .doesNotContain("\tat ");
    assertThat(run("diagnose", "--metrics", write("b.csv", "time,a_cpu\n1,x\n"))).isEqualTo(2);
    assertThat(err.toString())
        .contains("b.csv, line 2: column a cpu: expected a number as value, was 'x'");
    assertThat(run("diagnose", "--metrics", write("c.csv", "time,a_cpu\n1,2,3\n"))).isEqualTo(2);
    assertThat(err.toString()).contains("c.csv, line 2: expected 2 columns, was 3");
    assertThat(run("diagnose", "--metrics", write("d.csv", "time,a_cpu\n1,\n"))).isEqualTo(2);
    assertThat(err.toString()).contains("none of 1 rows has one");
  }
}
