package io.foresplit.forecaster.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Forecast;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.forecaster.ModelPlanner;
import io.foresplit.forecaster.SimulatedJob;
import io.foresplit.forecaster.SimulatedJob.Fault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForecastTopologyTest {
  @TempDir Path folder;

  @Test
  void a_restart_in_the_middle_of_an_interval_changes_nothing() {
    List<JobRecord> log = log(160);
    Output whole = new Output();
    try (Shell shell = new Shell("whole")) {
      log.forEach(record -> shell.put(record, whole));
    }
    assertThat(whole.incidents).isNotEmpty();
    assertThat(whole.incidents.get(0).phase()).isEqualTo(Incident.Phase.OPEN);

    int opened = indexOfTick(log, whole.incidents.get(0).interval());
    for (int stop : List.of(1, opened - 3, opened - 1, opened + 3, opened + 40)) {
      Output parts = new Output();
      Map<String, byte[]> store;
      try (Shell before = new Shell("before-" + stop)) {
        log.subList(0, stop).forEach(record -> before.put(record, parts));
        store = before.store();
      }
      try (Shell after = new Shell("after-" + stop)) {
        after.restore(store);
        log.subList(stop, log.size()).forEach(record -> after.put(record, parts));
      }
      assertThat(parts.forecasts).as("stopped at record %s", stop).isEqualTo(whole.forecasts);
      assertThat(parts.incidents).as("stopped at record %s", stop).isEqualTo(whole.incidents);
    }
  }

  @Test
  void what_cannot_be_read_is_told_and_skipped() {
    List<JobRecord> log = log(40);
    Output clean = new Output();
    Output disturbed = new Output();
    try (Shell shell = new Shell("clean")) {
      log.forEach(record -> shell.put(record, clean));
    }
    try (Shell shell = new Shell("disturbed")) {
      for (JobRecord record : log) {
        shell.input.pipeInput("lenet", "no record".getBytes(StandardCharsets.UTF_8));
        shell.input.pipeInput("other", Codecs.JOB_RECORD.encode(record));
        shell.put(record, disturbed);
      }
      assertThat(shell.undecodable).hasSize(2 * log.size());
      assertThat(shell.undecodable.get(1)).contains("was other");
    }
    assertThat(disturbed.forecasts).isNotEmpty().isEqualTo(clean.forecasts);
  }

  @Test
  void a_damaged_store_is_told_and_the_job_begins_anew() {
    List<JobRecord> log = log(30);
    try (Shell shell = new Shell("damaged")) {
      shell.restore(Map.of("state/" + log.get(0).jobId(), new byte[] {9, 9}));
      Output output = new Output();
      log.forEach(record -> shell.put(record, output));
      assertThat(shell.discarded).hasSize(1);
      assertThat(output.forecasts).isNotEmpty();
    }
  }

  @Test
  void forecasts_that_come_too_late_are_recorded_and_then_made_more_rarely() {
    List<JobRecord> log = log(60);
    Output output = new Output();
    try (Shell shell = new Shell("late", Instant.EPOCH)) {
      TestOutputTopic<String, byte[]> paces =
          shell.driver.createOutputTopic(
              Topics.SEGMENT_METRICS, new StringDeserializer(), new ByteArrayDeserializer());
      shell.put(log.get(0), output);
      long now = 0;
      List<Integer> asked = new ArrayList<>();
      for (JobRecord record : log.subList(1, log.size())) {
        if (record instanceof IntervalTick tick) {
          long late = tick.end().plusSeconds(60).toEpochMilli();
          shell.driver.advanceWallClockTime(Duration.ofMillis(late - now));
          now = late;
        }
        shell.input.pipeInput(
            record.jobId().value(),
            Codecs.JOB_RECORD.encode(record),
            Instant.ofEpochMilli(Math.max(0, now - 60_000)));
        while (!paces.isEmpty()) {
          asked.add(((ForecastPace) decoded(paces.readValue())).calmTicks());
        }
      }
      assertThat(asked).containsExactly(16, 32);
    }
  }

  private static JobRecord decoded(byte[] record) {
    try {
      return Codecs.JOB_RECORD.decode(record);
    } catch (MalformedRecordException e) {
      throw new AssertionError(e);
    }
  }

  private static List<JobRecord> log(int ticks) {
    SimulatedJob job = new SimulatedJob(Fault.UPLINK_FADE, 80, 5);
    List<JobRecord> log = new ArrayList<>();
    log.add(job.topology());
    for (int i = 0; i < ticks; i++) {
      log.addAll(job.next());
      if (i == 125) {
        log.add(job.move(new ModelPlanner().best(job.job(), job.trueConditions())));
      }
    }
    return log;
  }

  private static int indexOfTick(List<JobRecord> log, long interval) {
    for (int i = 0; i < log.size(); i++) {
      if (log.get(i) instanceof IntervalTick tick && tick.interval() == interval) {
        return i;
      }
    }
    throw new AssertionError("no tick " + interval);
  }

  private static final class Output {
    private final List<Forecast> forecasts = new ArrayList<>();
    private final List<Incident> incidents = new ArrayList<>();
  }

  /** The topology with its topics. */
  private final class Shell implements AutoCloseable, ForecasterListener {
    private final List<String> undecodable = new ArrayList<>();
    private final List<String> discarded = new ArrayList<>();
    private final TopologyTestDriver driver;
    private final TestInputTopic<String, byte[]> input;
    private final TestOutputTopic<String, byte[]> forecasts;
    private final TestOutputTopic<String, byte[]> incidents;

    Shell(String name) {
      this(name, Instant.now());
    }

    Shell(String name, Instant start) {
      Properties properties = new Properties();
      properties.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
      properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
      properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.resolve(name).toString());
      driver =
          new TopologyTestDriver(
              ForecastTopology.build(
                  new ForecastStage(ForecasterConfig.defaults(), new ModelPlanner()), this),
              properties,
              start);
      input =
          driver.createInputTopic(
              Topics.SEGMENT_METRICS, new StringSerializer(), new ByteArraySerializer());
      forecasts =
          driver.createOutputTopic(
              Topics.FORECASTS, new StringDeserializer(), new ByteArrayDeserializer());
      incidents =
          driver.createOutputTopic(
              Topics.INCIDENTS, new StringDeserializer(), new ByteArrayDeserializer());
    }

    void put(JobRecord record, Output output) {
      input.pipeInput(record.jobId().value(), Codecs.JOB_RECORD.encode(record));
      try {
        while (!forecasts.isEmpty()) {
          output.forecasts.add(Codecs.FORECAST.decode(forecasts.readValue()));
        }
        while (!incidents.isEmpty()) {
          output.incidents.add(Codecs.INCIDENT.decode(incidents.readValue()));
        }
      } catch (MalformedRecordException e) {
        throw new AssertionError(e);
      }
    }

    Map<String, byte[]> store() {
      Map<String, byte[]> copy = new HashMap<>();
      try (var all = driver.<String, byte[]>getKeyValueStore(ForecastTopology.STORE).all()) {
        all.forEachRemaining(entry -> copy.put(entry.key, entry.value));
      }
      return copy;
    }

    void restore(Map<String, byte[]> store) {
      store.forEach(driver.<String, byte[]>getKeyValueStore(ForecastTopology.STORE)::put);
    }

    @Override
    public void undecodable(String reason) {
      undecodable.add(reason);
    }

    @Override
    public void stateDiscarded(JobId job, String reason) {
      discarded.add(reason);
    }

    @Override
    public void close() {
      driver.close();
    }
  }
}
