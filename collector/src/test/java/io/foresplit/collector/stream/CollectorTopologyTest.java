package io.foresplit.collector.stream;

import static io.foresplit.collector.Reports.FIRST;
import static io.foresplit.collector.Reports.startOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.foresplit.collector.CollectorConfig;
import io.foresplit.collector.CollectorListener;
import io.foresplit.collector.ReportIntake;
import io.foresplit.collector.Reports;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Rejection;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorTopologyTest {
  private static final NodeId[] ALL = Reports.NODES.toArray(new NodeId[0]);

  private final Counts counts = new Counts();
  @TempDir private Path folder;
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], byte[]> reports;
  private TestInputTopic<String, byte[]> topologies;
  private TestOutputTopic<String, byte[]> metrics;
  private TestOutputTopic<String, byte[]> rejected;
  private long now = startOf(FIRST - 10);

  @BeforeEach
  void start() {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "collector-test");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    driver =
        new TopologyTestDriver(
            CollectorTopology.build(CollectorConfig.defaults(), counts),
            properties,
            Instant.ofEpochMilli(now));
    reports =
        driver.createInputTopic(
            Topics.SEGMENT_REPORTS, new ByteArraySerializer(), new ByteArraySerializer());
    topologies =
        driver.createInputTopic(Topics.TOPOLOGY, new StringSerializer(), new ByteArraySerializer());
    metrics =
        driver.createOutputTopic(
            Topics.SEGMENT_METRICS, new StringDeserializer(), new ByteArrayDeserializer());
    rejected =
        driver.createOutputTopic(
            Topics.SEGMENT_METRICS_REJECTED, new StringDeserializer(), new ByteArrayDeserializer());
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void theLogHasTopologyThenMetricsThenTick() throws MalformedRecordException {
    announce(Fixtures.topology());
    report(FIRST, ALL);
    announce(Fixtures.topology(1));
    report(FIRST + 1, ALL);

    List<JobRecord> log = log();
    assertThat(log)
        .extracting(r -> (Object) r.getClass())
        .containsExactly(
            SplitTopology.class,
            SegmentMetrics.class,
            SegmentMetrics.class,
            SegmentMetrics.class,
            IntervalTick.class,
            SplitTopology.class,
            SegmentMetrics.class,
            SegmentMetrics.class,
            SegmentMetrics.class,
            IntervalTick.class);
    assertThat(log).last().extracting("epoch", "interval").containsExactly(1L, FIRST + 1);
    assertThat(counts.accepted).isEqualTo(6);
    assertThat(counts.ticks).isEqualTo(2);
    assertThat(rejected.isEmpty()).isTrue();
  }

  @Test
  void outOfOrderLateDuplicateAndSilent() throws MalformedRecordException {
    announce(Fixtures.topology());
    report(FIRST, Fixtures.DEVICE);
    for (NodeId node : List.of(Fixtures.DEVICE, Fixtures.EDGE)) { // their clocks are ahead
      pipe(Codecs.SEGMENT_REPORT.encode(Reports.report(node, FIRST + 1)));
    }
    report(FIRST, Fixtures.EDGE);
    report(FIRST, Fixtures.EDGE);
    advanceTo(startOf(FIRST + 3) + 50);
    report(FIRST + 1, Fixtures.CLOUD);

    List<IntervalTick> ticks =
        log().stream()
            .filter(IntervalTick.class::isInstance)
            .map(IntervalTick.class::cast)
            .toList();
    assertThat(ticks).extracting(IntervalTick::interval).containsExactly(FIRST, FIRST + 1);
    assertThat(ticks).extracting(IntervalTick::silent).containsOnly(List.of(Fixtures.CLOUD));
    assertThat(rejections())
        .extracting(Rejection::code)
        .containsExactly(Rejection.Code.DUPLICATE, Rejection.Code.LATE);
  }

  @Test
  void aRejectionSaysWhereTheRawRecordIs() throws MalformedRecordException {
    pipe(new byte[] {1, 2, 3});
    report(FIRST, Fixtures.DEVICE);
    List<Rejection> rejections = rejections();
    assertThat(rejections)
        .extracting(Rejection::code, Rejection::partition, Rejection::offset)
        .containsExactly(
            tuple(Rejection.Code.MALFORMED, 0, 0L), tuple(Rejection.Code.UNKNOWN_JOB, 0, 1L));
    assertThat(rejections.get(0).excerpt()).containsExactly(1, 2, 3);
    assertThat(rejections.get(1).excerpt())
        .isEqualTo(Codecs.SEGMENT_REPORT.encode(Reports.report(Fixtures.DEVICE, FIRST)));
  }

  @Test
  void badAnnouncementsAreRejectedAndChangeNothing() throws MalformedRecordException {
    announce(Fixtures.topology());
    topologies.pipeInput("demo", new byte[] {9}, now);
    topologies.pipeInput("demo", null, now);
    topologies.pipeInput("other", Codecs.TOPOLOGY.encode(Fixtures.topology(5)), now);
    report(FIRST, ALL);
    assertThat(log()).hasSize(5);
    assertThat(rejections())
        .hasSize(3)
        .allSatisfy(r -> assertThat(r.reason()).startsWith("topology: "));
  }

  @Test
  void tenThousandHostileRecordsAreAllRejectedAndGoodOnesStillPass()
      throws MalformedRecordException {
    Random random = new Random(20260101);
    announce(Fixtures.topology());
    int hostile = 0;
    for (long interval = FIRST; interval < FIRST + 100; interval++) {
      advanceTo(Reports.sentAt(interval));
      List<byte[]> records = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        records.add(hostile(i, interval, random));
      }
      Collections.shuffle(records, random);
      hostile += records.size();
      for (int i = 0; i < records.size(); i++) {
        pipe(records.get(i));
        if (i % 40 == 10) {
          NodeId node = ALL[i / 40];
          pipe(Codecs.SEGMENT_REPORT.encode(Reports.report(node, interval)));
        }
      }
    }

    List<JobRecord> log = log();
    assertThat(log.stream().filter(SegmentMetrics.class::isInstance)).hasSize(300);
    List<IntervalTick> ticks =
        log.stream().filter(IntervalTick.class::isInstance).map(IntervalTick.class::cast).toList();
    assertThat(ticks).hasSize(100).allSatisfy(t -> assertThat(t.silent()).isEmpty());
    assertThat(ticks).extracting(IntervalTick::interval).doesNotHaveDuplicates().isSorted();
    assertThat(rejections())
        .hasSize(hostile)
        .hasSize(10_000)
        .allSatisfy(r -> assertThat(r.reason()).isNotBlank().doesNotContain("\n"))
        .extracting(Rejection::code)
        .contains(
            Rejection.Code.MALFORMED,
            Rejection.Code.TOO_LARGE,
            Rejection.Code.BAD_VALUE,
            Rejection.Code.UNKNOWN_JOB,
            Rejection.Code.UNKNOWN_NODE,
            Rejection.Code.UNKNOWN_COMPONENT,
            Rejection.Code.FUTURE,
            Rejection.Code.LATE);
    assertThat(counts.rejected.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(10_000);
    assertThat(counts.accepted).isEqualTo(300);
  }

  private static byte[] hostile(int kind, long interval, Random random) {
    NodeId node = ALL[random.nextInt(ALL.length)];
    return switch (kind % 11) {
      case 0 -> randomBytes(random);
      case 1 -> encode(node, interval, Reports.sample(node, Double.NaN));
      case 2 -> encode(node, interval, Reports.sample(node, 1e300));
      case 3 -> encode(new NodeId("node-" + random.nextInt(99)), interval);
      case 4 ->
          encode(
              node, interval, new MetricSample(new ComponentId("sun->moon"), Metric.LINK_RATE, 1));
      case 5 -> encode(node, interval + 5 + random.nextInt(1_000_000));
      case 6 -> encode(node, interval - 1 - random.nextInt(1_000_000));
      case 7 -> ofJob(new JobId("job-" + random.nextInt(99)), node, interval);
      case 8 -> encode(node, interval, manySamples(node));
      case 9 -> encode(node, interval, Reports.sample(node, 1), Reports.sample(node, 1));
      default -> new byte[kind == 10 && interval % 50 == 0 ? ReportIntake.LARGEST_RECORD + 1 : 0];
    };
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] ofJob(JobId job, NodeId node, long interval) {
    return Codecs.SEGMENT_REPORT.encode(
        new SegmentReport(job, node, -1, -1, 0, interval, 1, Instant.EPOCH, 0, List.of()));
  }

  private static MetricSample[] manySamples(NodeId node) {
    MetricSample[] samples = new MetricSample[ReportIntake.MOST_SAMPLES + 1];
    Arrays.fill(samples, Reports.sample(node, 1));
    return samples;
  }

  private static byte[] encode(NodeId node, long interval, MetricSample... samples) {
    return Codecs.SEGMENT_REPORT.encode(Reports.report(node, interval, 7, samples));
  }

  private void announce(SplitTopology topology) {
    topologies.pipeInput("demo", Codecs.TOPOLOGY.encode(topology), now);
  }

  private void report(long interval, NodeId... nodes) {
    advanceTo(Reports.sentAt(interval));
    for (NodeId node : nodes) {
      pipe(Codecs.SEGMENT_REPORT.encode(Reports.report(node, interval)));
    }
  }

  private void pipe(byte[] value) {
    reports.pipeInput(new byte[] {1}, value, now);
  }

  private void advanceTo(long millis) {
    if (millis > now) {
      driver.advanceWallClockTime(Duration.ofMillis(millis - now));
      now = millis;
    }
  }

  private List<JobRecord> log() throws MalformedRecordException {
    List<JobRecord> log = new ArrayList<>();
    for (byte[] value : metrics.readValuesToList()) {
      log.add(Codecs.JOB_RECORD.decode(value));
    }
    return log;
  }

  private List<Rejection> rejections() throws MalformedRecordException {
    List<Rejection> rejections = new ArrayList<>();
    for (byte[] value : rejected.readValuesToList()) {
      rejections.add(Codecs.REJECTION.decode(value));
    }
    return rejections;
  }

  /** What the listener heard. */
  private static final class Counts implements CollectorListener {
    private final Map<Rejection.Code, Integer> rejected = new EnumMap<>(Rejection.Code.class);
    private int accepted;
    private int ticks;

    @Override
    public void accepted(int samples) {
      accepted++;
    }

    @Override
    public void rejected(Rejection.Code code) {
      rejected.merge(code, 1, Integer::sum);
    }

    @Override
    public void tick(IntervalTick tick) {
      ticks++;
    }
  }
}
