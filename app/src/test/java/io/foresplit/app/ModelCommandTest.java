package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(60)
class ModelCommandTest {
  private static final String MODEL = "GGUF and so on";
  private static final String SUM =
      "b2de4d4a9ac9e3a0aa64a1b4ae3b8bb0e0c4a3f6e0f5a66b1b7e8e4f6a9f2f11";

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int model(String action, String... arguments) {
    List<String> words = new ArrayList<>(List.of("model", action));
    words.addAll(List.of("--models", models().toString()));
    words.addAll(List.of(arguments));
    CommandLine program = Main.commandLine();
    program.setOut(new PrintWriter(out, true));
    program.setErr(new PrintWriter(err, true));
    return program.execute(words.toArray(String[]::new));
  }

  private int pull(String... arguments) {
    return model("pull", arguments);
  }

  private Path models() {
    return folder.resolve("models");
  }

  @Test
  void aFileIsCopiedOnceAndListed() throws Exception {
    Path file = Files.writeString(folder.resolve("My.Model.gguf"), MODEL);
    assertThat(pull(file.toString())).as(err.toString()).isZero();
    assertThat(pull(file.toString())).isZero();
    assertThat(out.toString().lines())
        .hasSize(4)
        .anyMatch(line -> line.startsWith("pulled My.Model, 0.0 MB, SHA-256 "))
        .anyMatch(line -> line.startsWith("is there already: My.Model"));
    assertThat(models().resolve("My.Model.gguf")).hasContent(MODEL);

    assertThat(model("list")).isZero();
    assertThat(out.toString())
        .containsPattern("My\\.Model +0\\.0 MB +/")
        .containsPattern("smollm2-135m +- +not there; ./foresplit model pull smollm2-135m");
  }

  @Test
  void anAddressIsFetchedAndItsChecksumVerified() throws Exception {
    HttpServer server = server("/files/tiny.gguf", 200, MODEL);
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/files/tiny.gguf?a=b";
      assertThat(pull(url, "--sha256", SUM)).isEqualTo(1);
      assertThat(err.toString())
          .startsWith("foresplit: tiny was fetched, but its SHA-256 is ")
          .endsWith(", expected " + SUM + "; nothing was kept\n");
      assertThat(pull(url, "--name", "mine")).isZero();
      assertThat(models().resolve("mine.gguf")).hasContent(MODEL);
      assertThat(models().toFile().list()).containsExactly("mine.gguf");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void anAddressWithoutAModelIsOneLine() throws Exception {
    HttpServer server = server("/tiny.gguf", 404, "none");
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/tiny.gguf";
    try {
      assertThat(pull(url)).isEqualTo(1);
      assertThat(err.toString())
          .isEqualTo("foresplit: " + url + " answered with status 404, expected 200\n");
    } finally {
      server.stop(0);
    }
    assertThat(pull(url)).isEqualTo(1);
    assertThat(err.toString().lines())
        .hasSize(2)
        .anyMatch(line -> line.startsWith("foresplit: " + url + " cannot be fetched: "));
  }

  @Test
  void wrongUsageIsSaid() {
    assertThat(pull("smollm3")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "'smollm3' is no file, no http(s) URL and none of the names that are known:"
                + " smollm2-135m");
    assertThat(pull("https://user:secret@example.com/x.gguf")).isEqualTo(2);
    assertThat(pull("smollm2-135m", "--sha256", "abc")).isEqualTo(2);
    assertThat(pull("smollm2-135m", "--name", "../escape")).isEqualTo(2);
    assertThat(err.toString())
        .contains("without credentials")
        .contains("--sha256 must have 64 hexadecimal digits, was 'abc'")
        .contains("a model's name has letters, digits, dots and hyphens, was '../escape'");
  }

  @Test
  void aFolderThatCannotBeMadeIsSaid() throws Exception {
    Files.writeString(models(), "a file");
    Path file = Files.writeString(folder.resolve("tiny.gguf"), MODEL);
    assertThat(pull(file.toString())).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).startsWith("foresplit: cannot put tiny into " + models());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPullThatIsEndedAmidLeavesNothing() throws Exception {
    Path programs = Files.createDirectory(folder.resolve("bin"));
    Path begun = folder.resolve("begun");
    Path pip = programs.resolve("pip3");
    Files.writeString(pip, "#!/bin/sh\necho $$ > '" + begun + "'\nexec tail -f /dev/null\n");
    assertThat(pip.toFile().setExecutable(true)).isTrue();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "model",
            "pull",
            "smollm2-135m");
    Map<String, String> environment = builder.environment();
    environment.put("FORESPLIT_MODELS", models().toString());
    environment.put("PATH", programs + File.pathSeparator + System.getenv("PATH"));
    Process pulling = builder.redirectErrorStream(true).start();
    try {
      while (pulling.isAlive() && !(Files.exists(begun) && Files.size(begun) > 1)) {
        Thread.onSpinWait();
      }
      ProcessHandle client =
          ProcessHandle.of(Long.parseLong(Files.readString(begun).strip())).orElseThrow();
      pulling.destroy();
      pulling.waitFor();
      client.onExit().get(30, TimeUnit.SECONDS);
    } finally {
      pulling.destroyForcibly();
    }
    assertThat(models().toFile().list()).isEmpty();
  }

  private static HttpServer server(String path, int status, String body) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    return server;
  }
}
