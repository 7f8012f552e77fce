package io.foresplit.app.bench.pipeline;

import io.foresplit.app.bench.pipeline.LoadDriver.Span;
import io.foresplit.app.bench.pipeline.PipelineReport.Behind;
import io.foresplit.app.bench.pipeline.PipelineReport.Flow;
import io.foresplit.app.bench.pipeline.PipelineReport.Peak;
import io.foresplit.app.bench.pipeline.PipelineReport.Ratios;
import io.foresplit.app.bench.pipeline.PipelineReport.Size;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.kafka.EmbeddedKafka;
import io.foresplit.app.service.StreamsStage;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.jspecify.annotations.Nullable;

/**
 * The benchmark: for each number of segments a broker of its own, on which first the pass-through
 * and then the stages run, at the offered load and at more than they can take.
 *
 * @param folder for brokers and states
 * @param seconds of the offered load; half of it for the pass-through, a quarter at the most
 * @param interval of the jobs at the offered load
 * @param patienceSeconds how long what has not come out when a load ends may still take
 * @param memoryIntervals intervals that each job of the measurement of memory has reported
 * @param nanoTime monotonic
 */
record PipelineBench(
    Path folder,
    double seconds,
    Duration interval,
    double patienceSeconds,
    int memoryIntervals,
    InstantSource clock,
    LongSupplier nanoTime,
    Consumer<String> progress) {
  static final String RECOVERY = "on, with a runtime that refuses every move";

  private static final String IN = "foresplit.bench-in";
  private static final String OUT = "foresplit.bench-out";

  /** Reports a second that are offered to find the most. */
  private static final int MOST_OFFERED = 20_000;

  private static final double OFFERED_ALL = 0.95;
  private static final double GRACE_SECONDS = 1;
  private static final double CATCH_UP_SECONDS = 30;
  private static final double MOST_OF_HEAP = 0.7;
  private static final double GIB = 1 << 30;
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** More take minutes to fill. */
  private static final int MOST_FILLED_SEGMENTS = 100;

  PipelineReport run(List<Integer> sizes) throws InterruptedException {
    List<Size> measured = new ArrayList<>();
    double expected = 0;
    for (int segments : sizes) {
      progress.accept(segments + " segments");
      Size size = size(segments, expected);
      measured.add(size);
      PipelineTable.rows(size).forEach(progress);
      Double bytes = size.bytesPerSegment();
      expected = bytes == null ? expected : bytes;
    }
    return new PipelineReport(
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory(),
        seconds,
        interval.toMillis() / 1e3,
        Fleet.NODES,
        new Fleet("any", Fleet.NODES, interval).samplesPerReport(),
        RECOVERY,
        List.copyOf(measured));
  }

  private Size size(int segments, double expected) throws InterruptedException {
    Fleet offered = new Fleet("load", segments, interval);
    Fleet most = offered.withInterval(mostInterval(segments));
    Measured measured = new Measured();
    String problem = null;
    Double bytes = null;
    Path states = folder.resolve("size-" + segments);
    try {
      requireHeap(segments, expected);
      if (segments <= MOST_FILLED_SEGMENTS) {
        bytes = new StageMemory(memoryIntervals).perSegment(segments, expected);
      }
      try (EmbeddedKafka kafka = EmbeddedKafka.start(states.resolve("kafka"), 0)) {
        passThrough(kafka.bootstrapServers(), states, offered, most, measured);
        product(kafka.bootstrapServers(), states, offered, most, measured);
      }
    } catch (StartupException | ExecutionException e) {
      problem = String.valueOf(e.getMessage());
    }
    return new Size(
        segments,
        offered.jobs(),
        problem,
        measured.product,
        measured.passThrough,
        measured.productPeak,
        measured.passThroughPeak,
        measured.offeredBehind,
        measured.behind,
        measured.ratios(),
        bytes);
  }

  private static void requireHeap(int segments, double bytesPerSegment) {
    double needed = segments * bytesPerSegment;
    double limit = Runtime.getRuntime().maxMemory();
    if (needed > MOST_OF_HEAP * limit) {
      throw new StartupException(
          String.format(
              Locale.ROOT,
              "what the stages keep of so many takes %.1f GiB of heap, its limit is %.1f GiB;"
                  + " set JAVA_OPTS=-Xmx%.0fg",
              needed / GIB,
              limit / GIB,
              Math.ceil(needed / GIB / MOST_OF_HEAP)),
          new IllegalStateException("too little heap"));
    }
  }

  private static Duration mostInterval(int segments) {
    return Duration.ofMillis(Math.max(1, segments * 1_000L / MOST_OFFERED));
  }

  /** What of a size is measured already. */
  private static final class Measured {
    private @Nullable Flow product;
    private @Nullable Flow passThrough;
    private @Nullable Peak productPeak;
    private @Nullable Peak passThroughPeak;
    private @Nullable Behind offeredBehind;
    private @Nullable Behind behind;

    @Nullable Ratios ratios() {
      Latency ours = product == null ? null : product.latency();
      Latency theirs = passThrough == null ? null : passThrough.latency();
      if (ours == null || theirs == null || productPeak == null || passThroughPeak == null) {
        return null;
      }
      double bare = passThroughPeak.metricsPerSecond();
      if (behind == null || bare <= 0) {
        return null;
      }
      double collected = productPeak.metricsPerSecond() / bare;
      return new Ratios(
          ours.medianMillis() / theirs.medianMillis(),
          ours.p99Millis() / theirs.p99Millis(),
          collected,
          collected * (1 - behind.most()));
    }
  }

  @SuppressWarnings("try") // the reader works by itself
  private void passThrough(
      String servers, Path states, Fleet offered, Fleet most, Measured measured)
      throws InterruptedException, ExecutionException {
    createTopics(servers);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(IN, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .to(OUT, Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
    Topology topology = builder.build();
    Arrivals paced = new Arrivals(nanoTime);
    Arrivals free = new Arrivals(nanoTime);
    LongAdder samples = new LongAdder();
    double perReport = offered.samplesPerReport();
    try (StreamsStage stage =
            StreamsStage.start(
                "pass-through", topology, servers, states.resolve("streams"), problem -> {});
        TopicReader reader =
            new TopicReader(
                OUT,
                servers,
                each -> {
                  samples.increment();
                  paced.oneVisible(each.key());
                  free.oneVisible(each.key());
                });
        LoadDriver load = LoadDriver.to(IN, servers, clock, nanoTime)) {
      stage.awaitRunning();
      measured.passThrough =
          flow(
              load.paced(offered, seconds / 2, paced),
              paced,
              samples.sum() * perReport,
              false,
              () -> 0);
      Span span = load.freely(most, seconds / 4, free);
      measured.passThroughPeak = peak(span, free, perReport);
    }
  }

  @SuppressWarnings("try") // the reader works by itself
  private void product(String servers, Path states, Fleet offered, Fleet most, Measured measured)
      throws InterruptedException, ExecutionException {
    Arrivals paced = new Arrivals(nanoTime);
    Arrivals pressed = new Arrivals(nanoTime);
    LongAdder samples = new LongAdder();
    CountDownLatch announced = new CountDownLatch(offered.jobs());
    CountDownLatch again = new CountDownLatch(most.jobs());
    Consumer<ConsumerRecord<String, byte[]>> each =
        read -> {
          JobRecord entry = decode(read.value());
          if (entry instanceof SplitTopology topology) {
            (topology.epoch() == 0 ? announced : again).countDown();
          } else if (entry instanceof SegmentMetrics metrics) {
            samples.add(metrics.samples().size());
          } else if (entry instanceof IntervalTick tick && tick.silent().isEmpty()) {
            String key = Arrivals.key(tick.jobId().value(), tick.interval());
            paced.visible(key);
            pressed.visible(key);
          }
        };
    try (TopicReader reader = new TopicReader(Topics.SEGMENT_METRICS, servers, each);
        StagesUnderLoad stages =
            new StagesUnderLoad(
                servers,
                states.resolve("streams"),
                new RefusingRuntime(offered),
                clock,
                paced::judged);
        LoadDriver load = LoadDriver.to(Topics.SEGMENT_REPORTS, servers, clock, nanoTime)) {
      load.announce(offered);
      await(announced);
      long start = stages.logged();
      Span offering = load.paced(offered, seconds, paced);
      double read = samples.sum();
      measured.offeredBehind = stages.behind(start);
      measured.product = flow(offering, paced, read, true, stages::rejected);
      stages.requireRunning();
      load.announce(most);
      await(again);
      stages.awaitRead(CATCH_UP_SECONDS, nanoTime);
      long before = stages.logged();
      Span pressing = load.paced(most, seconds / 4, pressed);
      measured.behind = stages.behind(before);
      measured.productPeak = peak(pressing, pressed, offered.samplesPerReport());
      stages.requireRunning();
    }
  }

  private static void await(CountDownLatch announced) throws InterruptedException {
    if (!announced.await(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new StartupException(
          "the collector did not take all topologies within " + START_LIMIT.toSeconds() + " s",
          new IllegalStateException(announced.getCount() + " are missing"));
    }
  }

  /**
   * @param metrics read while the load lasted
   */
  private Flow flow(
      Span span, Arrivals arrivals, double metrics, boolean judges, LongSupplier rejected) {
    arrivals.awaitAll(GRACE_SECONDS);
    int all = arrivals.count();
    double sustained = 1 - arrivals.missing() / (double) Math.max(1, all);
    arrivals.awaitAll(patienceSeconds);
    if (judges) {
      arrivals.awaitJudged(patienceSeconds);
    }
    return new Flow(
        all * Fleet.NODES,
        all * Fleet.NODES / span.seconds(),
        metrics / span.seconds(),
        sustained,
        arrivals.missing() * Fleet.NODES,
        rejected.getAsLong(),
        arrivals.untilVisible(),
        arrivals.untilJudged());
  }

  private static Peak peak(Span span, Arrivals arrivals, double samplesPerReport) {
    Span settled = span.settled();
    double offered = arrivals.count() * Fleet.NODES / span.seconds();
    double reports =
        arrivals.visibleBetween(settled.begin(), settled.end())
            * (double) Fleet.NODES
            / settled.seconds();
    return new Peak(offered, reports, reports * samplesPerReport, reports >= OFFERED_ALL * offered);
  }

  private static JobRecord decode(byte[] value) {
    try {
      return Codecs.JOB_RECORD.decode(value);
    } catch (MalformedRecordException e) {
      throw new IllegalStateException("the collector wrote a record that cannot be read", e);
    }
  }

  private static void createTopics(String servers) throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(IN, 1, (short) 1)
                      .configs(Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime")),
                  new NewTopic(OUT, 1, (short) 1)))
          .all()
          .get();
    }
  }
}
