package io.foresplit.bench.report;

import static io.foresplit.bench.measure.RunBuilder.truth;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.RunBuilder;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {
  private static final String HOSTILE =
      "</script><img src=x onerror=\"console.error('run')\"> &amp;";

  /** Tells the page around it what went wrong, how wide the page is, and what is on it. */
  private static final String PROBE =
      """
      <script>
      const wrong = [];
      addEventListener("error", event => wrong.push(event.message));
      addEventListener("securitypolicyviolation", event => wrong.push(event.blockedURI));
      const log = console.error;
      console.error = text => { wrong.push(text); log(text); };
      addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => parent.postMessage([
        location.pathname.split("/").pop() + ": ready " + document.documentElement.dataset.ready, "wrong " + JSON.stringify(wrong),
        "width " + document.documentElement.scrollWidth, "images " + document.images.length,
        "canvas " + Math.max(...[...document.querySelectorAll("canvas")].map(c => c.getBoundingClientRect().right)) ,
        "charts " + document.querySelectorAll("canvas").length,
        "rows " + document.querySelectorAll("#kindTable tbody tr").length].join("; "), "*"), 100)));
      </script>
      """;

  private static final String AROUND =
      """
      <!doctype html><iframe src="full.html" style="width:390px;height:800px;border:0"></iframe>
      <iframe src="bare.html" style="width:390px;height:800px;border:0"></iframe><p></p>
      <script>addEventListener("message", event => document.querySelector("p").append(event.data));</script>
      """;

  @TempDir Path folder;

  @Test
  void pageWorksInABrowserAsNarrowAsAPhone() throws Exception {
    Optional<String> browser = browser();
    assumeTrue(browser.isPresent(), "no chromium or google-chrome on the path: page not tried");
    List<Run> runs = new ArrayList<>(PlausibleRuns.of(2));
    runs.add(
        RunBuilder.run()
            .scenario(HOSTILE, HOSTILE, HOSTILE, "sudden")
            .fault(truth(HOSTILE, HOSTILE, null, 100, 200, 150.0))
            .alarm(120, RunBuilder.candidate(HOSTILE, HOSTILE))
            .build());
    probed("full.html", runs);
    probed("bare.html", List.of(RunBuilder.run().strategy("none").use("tuning").build()));
    Files.writeString(folder.resolve("around.html"), AROUND);
    assertThat(shown(browser.orElseThrow()))
        .contains("bare.html: ready yes; wrong []; width 390; images 0;")
        .contains("full.html: ready yes; wrong []; width 390; images 0;", "charts 10; rows 10")
        .containsPattern("canvas 3[0-7][0-9][.0-9]*; charts 10");
  }

  @Test
  void pageAsksNobodyForAnythingAndKeepsTheLicence() throws IOException {
    String page = Page.of("{\"name\":\"</script>\"}");
    assertThat(page)
        .contains("default-src 'none'", "Chart.js v4", "MIT License", "\\u003c/script>")
        .doesNotContainPattern("(src|href)=\"?(https?:)?//|url\\(|@import|sourceMappingURL");
    assertThat(page.split("</script>", -1)).hasSize(4);
  }

  private void probed(String name, List<Run> runs) throws IOException {
    EvaluationReport.write(folder, EvaluationReportTest.ABOUT, runs, new TreeMap<>());
    String page = Files.readString(folder.resolve("index.html"));
    Files.writeString(folder.resolve(name), page.replace("<title>", PROBE + "<title>"));
  }

  private String shown(String browser) throws IOException, InterruptedException {
    Path shown = folder.resolve("shown.html");
    Process process =
        new ProcessBuilder(
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--user-data-dir=" + folder.resolve("profile"),
                "--hide-scrollbars",
                "--window-size=800,1000",
                "--virtual-time-budget=3000",
                "--dump-dom",
                folder.resolve("around.html").toUri().toString())
            .redirectOutput(shown.toFile())
            .redirectError(Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("browser ended in time").isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    return Files.readString(shown);
  }

  private static Optional<String> browser() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .flatMap(
            path ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(path, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }
}
