package io.foresplit.app.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.scenario.ScenarioFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {
  private static final String JOB =
      """
      id: traced
      model: lenet
      optimiser: { name: sgd-momentum, learningRate: 0.02 }
      batchSize: 32
      interval: 5 s
      nodes:
        - { id: device, speed: 0.5 }
        - { id: cloud, speed: 1.5 }
      links:
        - { between: [device, cloud], up: 50 Mbit/s, down: 100 Mbit/s, delay: 2 ms, trace: up.csv }
      dataOwner: device
      labelHolders: [cloud]
      objectives:
        - { id: step-time, metric: step-seconds, bound: 1 s, duration: 15 s, severity: critical }
      """;
  private static final String SCENARIO =
      """
      id: traced
      duration: 20 min
      file: job.yaml
      faults:
        - { kind: node-crash, target: cloud, onset: 8 min }
      """;

  @TempDir Path folder;

  private String fingerprint(String scenario, String job, String trace) throws Exception {
    Files.writeString(folder.resolve("job.yaml"), job);
    Files.writeString(folder.resolve("up.csv"), "seconds,bytes_per_second\n" + trace);
    Path file = folder.resolve("scenario.yaml");
    Files.writeString(file, scenario);
    return new Fingerprint().of(ScenarioFile.read(file), folder).hex();
  }

  @Test
  void aScenarioIsAllThatItsFileNames() throws Exception {
    String trace = "0,1000000\n1,2000000\n";
    String same = fingerprint(SCENARIO, JOB, trace);

    assertThat(fingerprint(SCENARIO, JOB, trace)).isEqualTo(same);
    assertThat(fingerprint(SCENARIO.replace("8 min", "9 min"), JOB, trace)).isNotEqualTo(same);
    assertThat(fingerprint(SCENARIO, JOB.replace("0.5", "0.6"), trace)).isNotEqualTo(same);
    assertThat(fingerprint(SCENARIO, JOB, "0,1000000\n1,3000000\n")).isNotEqualTo(same);
  }
}
