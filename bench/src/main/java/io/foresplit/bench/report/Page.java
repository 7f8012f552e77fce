package io.foresplit.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * One self-contained page: a template, its data, and Chart.js (MIT; its licence line stays in the
 * page), all inline.
 */
final class Page {
  private static final String TEMPLATE = "/io/foresplit/bench/report/page.html";
  private static final String CHARTS = "META-INF/resources/webjars/chart.js/";
  private static final String CHART_POM = "META-INF/maven/org.webjars.npm/chart.js/pom.properties";
  private static final String CHART_SLOT = "/*chart.js*/";
  private static final String DATA_SLOT = "/*data*/";

  private Page() {}

  /** The page that shows some data, a JSON text. */
  static String of(String json) throws IOException {
    String template;
    try (InputStream resource = Page.class.getResourceAsStream(TEMPLATE)) {
      template = text(resource, TEMPLATE);
    }
    int chart = slot(template, CHART_SLOT);
    int data = slot(template, DATA_SLOT);
    String between = template.substring(chart + CHART_SLOT.length(), data);
    return template.substring(0, chart)
        + chart().replace("</", "<\\/")
        + between
        + json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        + template.substring(data + DATA_SLOT.length());
  }

  private static int slot(String template, String slot) {
    int at = template.indexOf(slot);
    if (at < 0) {
      throw new IllegalStateException(TEMPLATE + " must have the placeholder " + slot);
    }
    return at;
  }

  /** Without the line that points to a map of its source: the page asks for nothing else. */
  private static String chart() throws IOException {
    Properties pom = new Properties();
    pom.load(new StringReader(onClassPath(CHART_POM)));
    String library = onClassPath(CHARTS + pom.getProperty("version") + "/dist/chart.umd.min.js");
    return library
        .lines()
        .filter(line -> !line.startsWith("//# sourceMappingURL"))
        .reduce("", (all, line) -> all + line + "\n");
  }

  private static String onClassPath(String name) throws IOException {
    try (InputStream resource = Page.class.getClassLoader().getResourceAsStream(name)) {
      return text(resource, name);
    }
  }

  private static String text(@Nullable InputStream resource, String name) throws IOException {
    if (resource == null) {
      throw new IllegalStateException(
          "the page needs the resource " + name + " on the class path, and it is not there");
    }
    return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
  }
}
