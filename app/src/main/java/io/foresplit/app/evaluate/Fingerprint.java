package io.foresplit.app.evaluate;

import io.foresplit.bench.evaluate.ScenarioRunner;
import io.foresplit.bench.scenario.ScenarioFile;
import io.foresplit.collector.JobCollector;
import io.foresplit.contract.JobSpec;
import io.foresplit.diagnoser.DiagnosisStage;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.recovery.RecoveryStage;
import io.foresplit.runtime.sim.SimulatedRuntime;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** What runs depend on, as a hash: those of another are not taken up again. Not thread-safe. */
final class Fingerprint {
  /** One class of each part whose code decides what a run is. */
  private static final List<Class<?>> PARTS =
      List.of(
          JobSpec.class,
          JobCollector.class,
          ForecastStage.class,
          DiagnosisStage.class,
          RecoveryStage.class,
          SimulatedRuntime.class,
          ScenarioRunner.class,
          RealRunner.class);

  private final MessageDigest digest;

  Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The code: jars by their content, folders of classes by their time. */
  Fingerprint ofBuild() throws IOException {
    for (Class<?> part : PARTS) {
      try {
        Path code = Path.of(part.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isRegularFile(code)) {
          digest.update(Files.readAllBytes(code));
        } else {
          of(code + " " + Files.getLastModifiedTime(code));
        }
      } catch (URISyntaxException e) {
        throw new IOException("the place of " + part + " is no path", e);
      }
    }
    return this;
  }

  /** A scenario with all that it names: its job, and the traces of its links. */
  Fingerprint of(ScenarioFile scenario, Path folder) throws IOException {
    of(scenario.yaml());
    for (String name : scenario.traceFiles()) {
      digest.update(Files.readAllBytes(folder.resolve(name)));
    }
    return this;
  }

  Fingerprint of(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    return this;
  }

  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
